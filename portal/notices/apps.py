from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices to people: everybody above may write one, the workbench shows them."""

    name = "portal.notices"
    label = "notices"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.outbox import register_consumer  # noqa: PLC0415
        from portal.ground.telling import REQUESTED  # noqa: PLC0415
        from portal.notices.domain.notices import TOLD, deliver  # noqa: PLC0415
        from portal.notices.domain.requests import carry_out  # noqa: PLC0415

        register_consumer("notices.deliver", [TOLD], deliver)
        register_consumer("notices.requests", [REQUESTED], carry_out)
