from django.apps import AppConfig


class MediaPipelineConfig(AppConfig):
    """Videos: intake, checks, encoding jobs, playback."""

    name = "media_pipeline"
    label = "media_pipeline"
    verbose_name = "音视频处理"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from media_pipeline import process, upkeep  # noqa: F401, PLC0415 - they declare the jobs
