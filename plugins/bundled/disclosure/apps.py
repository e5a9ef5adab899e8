from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "plugins.bundled.disclosure"
    label = "disclosure"
    verbose_name = "党务公开"
    default_auto_field = "django.db.models.BigAutoField"
