from django.apps import AppConfig


class NewsConfig(AppConfig):
    """Articles: what the columns and the branch sites are filled with."""

    name = "portal.news"
    label = "news"
    verbose_name = "文章"
    default_auto_field = "django.db.models.BigAutoField"
