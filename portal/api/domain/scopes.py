"""What a token can be made for. A scope never gives a right: every operation asks for the person's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclasses.dataclass(frozen=True)
class Scope:
    """A scope and what people read of it."""

    code: str
    label: str


CORE: dict[str, str | Promise] = {
    "content.read": gettext_lazy("阅读：文章、法规、案例、视频、搜索、党组织"),
    "learning.read": gettext_lazy("阅读：课程和本人的学习记录"),
    "learning.write": gettext_lazy("办理：报名课程"),
    "desk.read": gettext_lazy("阅读：本人的通知和待办"),
    "desk.write": gettext_lazy("办理：通知标为已读，待办标为完成"),
}


def scopes(plugins: Iterable[tuple[str, str, bool, bool]]) -> list[Scope]:
    """All scopes: the core's, and "<slug>.read" and "<slug>.write" for `plugins`, given as slug, name, and whether it has
    operations that read and that write."""
    found = [Scope(code, str(label)) for code, label in CORE.items()]
    for slug, name, reads, writes in plugins:
        if reads:
            found.append(Scope(f"{slug}.read", _("阅读：%(name)s") % {"name": name}))
        if writes:
            found.append(Scope(f"{slug}.write", _("办理：%(name)s") % {"name": name}))
    return found
