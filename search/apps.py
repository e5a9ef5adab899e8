from django.apps import AppConfig


class SearchConfig(AppConfig):
    """The search library: keeps an index in step with `content.changed` and answers queries."""

    name = "search"
    label = "search"
    verbose_name = "检索"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.content import CONTENT_CHANGED  # noqa: PLC0415 - after the models are loaded
        from portal.ground.outbox import register_consumer  # noqa: PLC0415 - after the models are loaded
        from search.indexing.changes import handle_entries  # noqa: PLC0415 - after the models are loaded
        from search.indexing.sweep import declare_jobs  # noqa: PLC0415 - after the models are loaded
        from search.vectors import embedding  # noqa: PLC0415 - after the models are loaded

        register_consumer("search.index", [CONTENT_CHANGED], handle_entries, one_by_one=False)
        declare_jobs()
        embedding.declare_jobs()
