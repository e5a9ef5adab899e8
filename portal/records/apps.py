from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Records that can be believed: sealed versions, the chained audit trail, the head of each day."""

    name = "portal.records"
    label = "records"
    verbose_name = "留痕"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core import checks  # noqa: PLC0415
        from django.db.models.signals import post_migrate  # noqa: PLC0415
        from django.utils.translation import gettext  # noqa: PLC0415

        from portal.ground.health import register_check  # noqa: PLC0415
        from portal.ground.jobs import job_kind, periodic  # noqa: PLC0415
        from portal.ground.outbox import register_consumer  # noqa: PLC0415
        from portal.ground.personal import register  # noqa: PLC0415
        from portal.records.checks import backup_reading, protection_reading, triggers_present  # noqa: PLC0415
        from portal.records.domain import (  # noqa: PLC0415
            heads,
            objects,
            personal,
            trail,
        )
        from portal.records.triggers import install_triggers  # noqa: PLC0415

        register_consumer("records.audit", ["audit.line"], trail.append_lines, atomic=True)
        objects.register_names("user", objects.names_of_users, objects.users_called)
        post_migrate.connect(install_triggers, sender=self)
        checks.register(triggers_present, checks.Tags.database)
        job_kind("records.close_day")(heads.close_past_days)
        periodic("records.close_day", every_seconds=3600)
        job_kind("records.prune_trail")(trail.prune_old_lines)
        periodic("records.prune_trail", every_seconds=24 * 3600)
        register("records", "操作记录", personal.export, personal.erase)
        register_check("records.protection", lambda: gettext("封存保护"), protection_reading, order=60)
        register_check("records.backup", lambda: gettext("备份"), backup_reading, order=55)
