from django.apps import AppConfig


class ProbeConfig(AppConfig):
    """Declares `bench.note`."""

    name = "benchmarks.probe"
    label = "bench_probe"

    def ready(self) -> None:
        from benchmarks.probe.note import note
        from portal.ground.jobs import job_kind

        job_kind("bench.note")(note)
