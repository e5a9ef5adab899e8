from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    """Settings, entry points and the commands of the whole."""

    name = "portal.config"
    label = "portal_config"
    verbose_name = "配置"

    def ready(self) -> None:
        from plugins.host import registry, state  # noqa: PLC0415
        from portal.config import housekeeping  # noqa: PLC0415
        from portal.config.processes.wake import Bell  # noqa: PLC0415
        from portal.ground.jobs import set_waker  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415

        registry.set_right_giver(give)
        give("system_admin", state.MANAGE)
        set_waker(Bell(settings.WAKE_SOCKET).ring)
        housekeeping.declare()
