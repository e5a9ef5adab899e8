from django.apps import AppConfig


class GroundConfig(AppConfig):
    """The bottom layer: outbox, jobs, ids, clock, rights, audit line. Knows nobody."""

    name = "portal.ground"
    label = "ground"
    verbose_name = "基础"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground import outbox  # noqa: F401, PLC0415 - registers the drain job
