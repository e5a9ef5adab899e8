from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The site as readers see it: home, columns, branch sites, the frame around every page, the editorial workflow."""

    name = "portal.pages"
    label = "pages"
    verbose_name = "栏目与页面"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts.domain.permissions import answer_permission  # noqa: PLC0415
        from portal.ground.content import CONTENT_CHANGED  # noqa: PLC0415
        from portal.ground.outbox import register_consumer  # noqa: PLC0415
        from portal.organisations.admin_gate import admin_routes  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415
        from portal.pages import site_changes  # noqa: PLC0415
        from portal.pages.domain import plans  # noqa: F401, PLC0415 - declares a periodic job
        from portal.pages.domain.pictures import queue_pictures  # noqa: PLC0415
        from portal.pages.review_signals import connect  # noqa: PLC0415
        from portal.pages.rights import CHANGE_SETTINGS, SEE_STYLEGUIDE  # noqa: PLC0415

        give("admin", SEE_STYLEGUIDE.code)
        give("editor", SEE_STYLEGUIDE.code)
        give("system_admin", CHANGE_SETTINGS.code)
        answer_permission("pages.change_sitelook", CHANGE_SETTINGS.code)
        admin_routes("wagtailsettings:edit*", CHANGE_SETTINGS.code)
        register_consumer("pages.pictures", [CONTENT_CHANGED], queue_pictures, one_by_one=False)
        connect()
        site_changes.connect()
