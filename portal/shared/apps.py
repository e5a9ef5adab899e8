from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Field classes, blocks and cleaning that belong to no domain. Has no models."""

    name = "portal.shared"
    label = "shared"
    verbose_name = "公用"
