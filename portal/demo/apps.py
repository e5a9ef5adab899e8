from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """The demo site of a first start."""

    name = "portal.demo"
    label = "demo"
    verbose_name = _("演示数据")

    def ready(self) -> None:
        from portal.demo.loading import videos  # noqa: F401, PLC0415 - declares the job that makes the films
