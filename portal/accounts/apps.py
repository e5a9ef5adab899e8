from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Logins: users, their handles, passwords, second factors, sessions. Knows no member and no organisation."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "账号"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts import checks, housekeeping  # noqa: F401, PLC0415
        from portal.accounts.domain import personal  # noqa: PLC0415
        from portal.accounts.web import gate, people  # noqa: PLC0415
        from portal.ground import suppliers  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415

        gate.connect()
        suppliers.set_to_confirm(people.to_confirm)
        housekeeping.declare()
        register("accounts", "账号", personal.export, personal.erase)
