from django.apps import AppConfig
from django.db.models.signals import pre_delete


class BasePageConfig(AppConfig):
    """The base page model, swapped in before the first migrate, and who may do what to a page."""

    name = "portal.basepage"
    label = "basepage"
    verbose_name = "页面"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts.domain.permissions import answer_permission  # noqa: PLC0415
        from portal.basepage import personal  # noqa: PLC0415
        from portal.basepage.admin_routes import declare_page_routes  # noqa: PLC0415
        from portal.basepage.listing_filters import scope_listing_filters  # noqa: PLC0415
        from portal.basepage.models import BasePage  # noqa: PLC0415
        from portal.basepage.orphans import before_deleting  # noqa: PLC0415
        from portal.basepage.policy import register_page_policy  # noqa: PLC0415
        from portal.basepage.validating import ask_on_every_way  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415

        pre_delete.connect(before_deleting, sender=BasePage, dispatch_uid="basepage.before_deleting")
        register_page_policy()
        declare_page_routes()
        scope_listing_filters()
        ask_on_every_way()
        answer_permission("wagtailadmin.access_admin", "admin.enter")
        give("secretary", "admin.enter", "pages.edit")
        give("editor", "admin.enter", "pages.edit")
        give("reviewer", "admin.enter", "pages.edit", "pages.review")
        give("auditor", "admin.enter")
        give("admin", "admin.enter", "pages.edit", "pages.publish", "pages.review", "organisations.manage")
        register("pages", "撰写的页面", personal.export, personal.erase)
