from django.apps import AppConfig
from django.utils.translation import gettext


class WorkbenchConfig(AppConfig):
    """The page after signing in: it shows what others hold, as each person has arranged it."""

    name = "portal.workbench"
    label = "workbench"
    verbose_name = "工作台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.health import register_check  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415
        from portal.workbench.domain import arrangement, health  # noqa: PLC0415
        from portal.workbench.rights import OVERSEE, SEE_HEALTH  # noqa: PLC0415

        for role in ("secretary", "admin"):
            give(role, OVERSEE.code)
        give("system_admin", SEE_HEALTH.code)
        register("workbench", "工作台布局", arrangement.export, arrangement.erase)
        register_check("workbench.worker", lambda: gettext("后台进程"), health.worker_reading, order=10)
        register_check("workbench.stopped", lambda: gettext("搁置的任务"), health.stopped_reading, order=20)
        register_check("workbench.waiting", lambda: gettext("任务积压"), health.waiting_reading, order=30)
        register_check("workbench.search", lambda: gettext("搜索索引"), health.search_reading, order=40)
        register_check("workbench.disk", lambda: gettext("磁盘空间"), health.disk_reading, order=50)
