from django.apps import AppConfig


class AccountAdminConfig(AppConfig):
    """The security administrator's work on accounts: open, disable, reset, unlock, within the own subtree."""

    name = "portal.account_admin"
    label = "account_admin"
    verbose_name = "账号管理"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.account_admin.domain.accounts import MANAGE  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415

        give("security_admin", MANAGE)
