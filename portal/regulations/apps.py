from django.apps import AppConfig


class RegulationsConfig(AppConfig):
    """Laws, party regulations and internal rules: works, versions, articles and their lineage."""

    name = "portal.regulations"
    label = "regulations"
    verbose_name = "法规制度"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.organisations.domain.rights import give  # noqa: PLC0415
        from portal.references.domain.citing import register_kind  # noqa: PLC0415
        from portal.regulations import rights, tasks  # noqa: F401, PLC0415 - declares them
        from portal.regulations.domain.queries import resolve_articles, resolve_regulations  # noqa: PLC0415

        for role in ("editor", "reviewer", "admin"):
            give(role, "regulations.edit")
        for role in ("reviewer", "admin"):
            give(role, "regulations.publish")
        register_kind("regulation", resolve_regulations)
        register_kind("article", resolve_articles)
