from django.apps import AppConfig


class ApiConfig(AppConfig):
    """`/api/v1/`: one document for the operations of the core apps and of plugins, and tokens for programs."""

    name = "portal.api"
    label = "api"
    verbose_name = "接口"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.api.domain import personal  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415

        register("api", "接口令牌", personal.export, personal.erase)
