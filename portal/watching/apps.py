from django.apps import AppConfig


class WatchingConfig(AppConfig):
    """Evidence of watching: who has seen which seconds of which video, as the server can vouch for it."""

    name = "portal.watching"
    label = "watching"
    verbose_name = "观看记录"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.watching.domain import personal  # noqa: PLC0415

        register("watching", "观看记录", personal.export, personal.erase)
