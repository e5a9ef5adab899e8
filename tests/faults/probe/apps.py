from django.apps import AppConfig
from django.conf import settings


class ProbeConfig(AppConfig):
    """Declares `fault.step` and rings the worker as the real site does."""

    name = "tests.faults.probe"
    label = "fault_probe"

    def ready(self) -> None:
        from portal.config.processes.wake import Bell
        from portal.ground.jobs import job_kind, set_waker
        from tests.faults.probe.step import step

        set_waker(Bell(settings.WAKE_SOCKET).ring)
        job_kind("fault.step", max_attempts=5)(step)
