from django.apps import AppConfig


class ExperiencesConfig(AppConfig):
    """Typical experiences: what a unit did, how, with what result, and what others can take from it."""

    name = "portal.experiences"
    label = "experiences"
    verbose_name = "典型经验"
    default_auto_field = "django.db.models.BigAutoField"
