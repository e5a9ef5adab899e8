from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """The page after signing in. Has no models: it shows what others hold."""

    name = "portal.workbench"
    label = "workbench"
    verbose_name = "工作台"
