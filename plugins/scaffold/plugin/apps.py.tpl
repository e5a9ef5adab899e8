from django.apps import AppConfig


class __Class__Config(AppConfig):
    name = "__slug__"
    label = "__slug__"
    verbose_name = "__zh__"
    default_auto_field = "django.db.models.BigAutoField"
