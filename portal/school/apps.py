from django.apps import AppConfig


class SchoolConfig(AppConfig):
    """The party school: courses of chapters and units, enrolment, progress."""

    name = "portal.school"
    label = "school"
    verbose_name = "党校"
    default_auto_field = "django.db.models.BigAutoField"
