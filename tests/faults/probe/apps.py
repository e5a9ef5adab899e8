from django.apps import AppConfig
from django.conf import settings


class ProbeConfig(AppConfig):
    """Declares the jobs and the consumer of the fault tests, and rings the worker as the real site does."""

    name = "tests.faults.probe"
    label = "fault_probe"

    def ready(self) -> None:
        from portal.config.processes.wake import Bell
        from portal.ground.jobs import job_kind, set_waker
        from portal.ground.outbox import register_consumer
        from tests.faults.probe.effect import DONE, count, effect
        from tests.faults.probe.step import step

        set_waker(Bell(settings.WAKE_SOCKET).ring)
        job_kind("fault.step", max_attempts=5)(step)
        job_kind("fault.effect", max_attempts=100, atomic=True)(effect)
        register_consumer("fault.counter", [DONE], count, atomic=True)
