from django.apps import AppConfig


class SchoolConfig(AppConfig):
    """The party school: courses of chapters and units, enrolment, progress."""

    name = "portal.school"
    label = "school"
    verbose_name = "党校"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.personal import register, register_milestones  # noqa: PLC0415
        from portal.school.domain import personal  # noqa: PLC0415

        register("school", "党校学习", personal.export, personal.erase)
        register_milestones("school", personal.milestones)
