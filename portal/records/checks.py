"""What `manage.py check --database default` says about this installation's records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.ground.clock import BUSINESS_ZONE, now
from portal.ground.health import Reading
from portal.records.models import AuditLine
from portal.records.triggers import missing_triggers

BACKED_UP = "site.backed_up"
BACKUP_OLD = dt.timedelta(days=2)


def triggers_present(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """A warning (records.W001) for each database whose sealed rows could be changed by plain SQL."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        if missing := missing_triggers(alias):
            found.append(
                Warning(
                    f"数据库缺少保护封存记录的触发器 (sealed rows are not protected): {', '.join(missing)}",
                    hint="manage.py migrate 会重新安装 (installs them again)",
                    id="records.W001",
                )
            )
    return found


def backup_reading() -> Reading:
    """When the site was last backed up by `manage.py backup`, as the trail says. One query."""
    last = (
        AuditLine.objects.filter(action=BACKED_UP)
        .order_by("-happened_at")
        .values_list("happened_at", flat=True)
        .first()
    )
    hint = _("请每天运行 manage.py backup，并把文件存到另一台机器。")
    if last is None:
        return Reading("warning", _("从未备份"), hint)
    said = _("上次备份：%(when)s") % {"when": date_format(last.astimezone(BUSINESS_ZONE), "DATETIME_FORMAT")}
    return Reading("warning", said, hint) if now() - last > BACKUP_OLD else Reading("good", said)


def protection_reading() -> Reading:
    """Whether the database refuses to change sealed rows. Two queries."""
    missing = missing_triggers()
    if missing:
        return Reading(
            "bad", _("缺少 %(count)s 个触发器") % {"count": len(missing)}, _("运行 manage.py migrate 重新安装。")
        )
    return Reading("good", _("有效"))
