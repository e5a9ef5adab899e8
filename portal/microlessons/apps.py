from django.apps import AppConfig


class MicroLessonsConfig(AppConfig):
    """Micro-lessons: one short video, one lecturer, one thought."""

    name = "portal.microlessons"
    label = "microlessons"
    verbose_name = "微党课"
    default_auto_field = "django.db.models.BigAutoField"
