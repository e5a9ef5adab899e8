from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    """Laws, party regulations and internal rules: works, versions, articles and their lineage."""

    name = "portal.regulations"
    label = "regulations"
    verbose_name = "法规制度"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.content import CONTENT_CHANGED  # noqa: PLC0415
        from portal.ground.jobs import periodic  # noqa: PLC0415
        from portal.ground.outbox import register_consumer  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415
        from portal.references.domain.citing import register_kind  # noqa: PLC0415
        from portal.references.domain.watching import register_editors  # noqa: PLC0415
        from portal.regulations import rights, tasks  # noqa: F401, PLC0415 - declares them
        from portal.regulations.domain import personal  # noqa: PLC0415
        from portal.regulations.domain.importing import READ_TEXTS  # noqa: PLC0415
        from portal.regulations.domain.learning import editors_of_pages, read_pages, resolve_pages  # noqa: PLC0415
        from portal.regulations.domain.queries import resolve_articles, resolve_regulations  # noqa: PLC0415
        from search.registry import takes_days  # noqa: PLC0415

        takes_days("regulation")
        for role in ("editor", "reviewer", "admin"):
            give(role, "regulations.edit")
        for role in ("reviewer", "admin"):
            give(role, "regulations.publish")
        for role in ("secretary", "editor", "reviewer", "admin"):
            give(role, "regulations.answer")
        register("regulations", personal.LABEL, personal.export, personal.erase)
        register_kind("regulation", resolve_regulations)
        register_kind("page", resolve_pages)
        register_editors("page", editors_of_pages)
        register_consumer("regulations.cited", [CONTENT_CHANGED], read_pages, one_by_one=False)
        register_kind("article", resolve_articles)
        periodic(READ_TEXTS, every_seconds=3600)  # also what an upgrade made readable
        periodic(tasks.REMIND, every_seconds=24 * 3600)
        periodic(tasks.STARTING, every_seconds=6 * 3600)
