from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Pictures, documents and videos, each with owner and audience, and the one checked way to fetch them."""

    name = "portal.files"
    label = "files"
    verbose_name = "文件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts.domain.permissions import answer_permission  # noqa: PLC0415
        from portal.files import tasks  # noqa: F401, PLC0415 - declares jobs
        from portal.files.admin_routes import declare_file_routes  # noqa: PLC0415
        from portal.files.domain import personal  # noqa: PLC0415
        from portal.files.policy import register_file_policies  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.organisations.domain.rights import give  # noqa: PLC0415

        register_file_policies()
        declare_file_routes()
        for role in ("secretary", "editor", "reviewer", "admin"):
            give(role, "files.add")
        give("admin", "files.manage")
        for model in ("portalimage", "portaldocument"):
            for action in ("add", "choose", "view"):
                answer_permission(f"files.{action}_{model}", "files.add")
            for action in ("change", "delete"):
                answer_permission(f"files.{action}_{model}", "files.add")
        register("files", "上传的文件", personal.export, personal.erase)
