from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Who belongs where, who may do what there, who may see what: organisations, members, grants, audiences."""

    name = "portal.organisations"
    label = "organisations"
    verbose_name = "组织"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.accounts.domain.second_factor import PRIVILEGED  # noqa: PLC0415
        from portal.ground import suppliers  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.organisations import chains, tasks  # noqa: F401, PLC0415 - tasks declares jobs
        from portal.organisations.admin_routes import declare_admin_routes, name_acts  # noqa: PLC0415
        from portal.organisations.domain import (  # noqa: PLC0415
            audiences,
            grants,
            naming,
            personal,
            rights,
        )
        from portal.organisations.web.admin_gate import refuse_plainly  # noqa: PLC0415
        from portal.records.domain.auditing import READ_TRAIL, SEE_TIMELINESS  # noqa: PLC0415
        from portal.records.domain.guides import register_guide  # noqa: PLC0415
        from portal.records.domain.objects import register_names  # noqa: PLC0415

        register_names("member", naming.names_of_members, naming.members_called)
        register_names("organisation", naming.names_of_organisations, naming.organisations_called)
        register_guide(chains.PREFIX, chains.overseen)
        suppliers.set_judge(rights.judge)
        suppliers.set_viewer_of(audiences.viewer_of)
        declare_admin_routes()
        name_acts()
        refuse_plainly()
        for role in ("admin", "system_admin", "security_admin", "auditor"):
            rights.give(role, PRIVILEGED)
        rights.give("system_admin", "admin.enter")
        rights.give("security_admin", "admin.enter", grants.GRANT)
        register("organisations", "组织关系与授权", personal.export, personal.erase)
        rights.give("auditor", READ_TRAIL)
        rights.reserve(READ_TRAIL)
        for role in ("secretary", "admin", "auditor"):
            rights.give(role, SEE_TIMELINESS)
