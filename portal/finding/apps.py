from django.apps import AppConfig


class FindingConfig(AppConfig):
    """What people and editors add to search: other words, pinned results, questions and answers, saved searches with alerts."""

    name = "portal.finding"
    label = "finding"
    verbose_name = "检索"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.finding import tasks, wiring  # noqa: F401, PLC0415 - after the models are loaded; tasks declares jobs

        wiring.connect()
