from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Members' files: what is kept about a person, who may see it, who looked, and how it comes in and goes out."""

    name = "portal.members"
    label = "members"
    verbose_name = "党员档案"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext  # noqa: PLC0415

        from portal.ground import personal  # noqa: PLC0415
        from portal.ground.health import register_check  # noqa: PLC0415
        from portal.members import rights, tasks  # noqa: F401, PLC0415 - declares rights and jobs
        from portal.members.domain import erasing, holdings, phones  # noqa: PLC0415
        from portal.notices.channels import address_from  # noqa: PLC0415

        rights.give_to_roles()
        personal.register("members", "党员档案", holdings.export, holdings.erase)
        register_check("members.erasures", lambda: gettext("个人数据删除"), erasing.erasures_reading, order=70)
        address_from("sms", phones.number_for_text_message, phones.has_number)
