from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Logins: users, their handles, passwords. Knows no member and no organisation."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "账号"
    default_auto_field = "django.db.models.BigAutoField"
