from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices to people: everybody above may write one, the workbench shows them."""

    name = "portal.notices"
    label = "notices"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"
