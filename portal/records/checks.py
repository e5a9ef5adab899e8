"""What `manage.py check --database default` says about this installation's records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.utils.translation import gettext as _

from portal.ground.health import Reading
from portal.records.triggers import missing_triggers


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


def protection_reading() -> Reading:
    """Whether the database refuses to change sealed rows. Two queries."""
    missing = missing_triggers()
    if missing:
        return Reading(
            "bad", _("缺少 %(count)s 个触发器") % {"count": len(missing)}, _("运行 manage.py migrate 重新安装。")
        )
    return Reading("good", _("有效"))
