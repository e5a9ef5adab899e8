from django.apps import AppConfig


class ReferencesConfig(AppConfig):
    """Who cites what: one table, and resolving a citation for a viewer."""

    name = "portal.references"
    label = "references"
    verbose_name = "引用"
    default_auto_field = "django.db.models.BigAutoField"
