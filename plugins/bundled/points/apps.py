from django.apps import AppConfig


class PointsConfig(AppConfig):
    name = "plugins.bundled.points"
    label = "points"
    verbose_name = "积分"
    default_auto_field = "django.db.models.BigAutoField"
