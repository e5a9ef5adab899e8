from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices to people: everybody above may write one, the workbench shows them."""

    name = "portal.notices"
    label = "notices"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts.domain.loading import load_with  # noqa: PLC0415
        from portal.ground.outbox import register_consumer  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.notices.domain import personal, reminders  # noqa: F401, PLC0415 - reminders declares a periodic job
        from portal.notices.domain.notices import TOLD, deliver, unread_count  # noqa: PLC0415
        from portal.notices.rights import SEND  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415

        load_with("unread_notices", unread_count)
        give("secretary", SEND.code)
        give("admin", SEND.code)
        register("notices", "通知与待办", personal.export, personal.erase)
        register_consumer("notices.deliver", [TOLD], deliver)
