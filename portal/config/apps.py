from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Settings, entry points and the commands of the whole."""

    name = "portal.config"
    label = "portal_config"
    verbose_name = "配置"
