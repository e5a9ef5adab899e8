"""Telling those who wrote something that what it cites has changed: one task for each thing that cites, until it is looked at."""

from __future__ import annotations

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from portal.notices.domain.tasks import close_task, open_task
from portal.notices.kinds import declare_kind
from portal.references.models import Reference

CHANGED = declare_kind(
    "references.changed",
    "条文已变更",
    "Cited articles that changed",
    outside="您负责的内容所引用的条文有变更，请登录门户核对。",
    outside_en="Something you look after cites an article that has changed. Please sign in to the portal.",
)


@dataclasses.dataclass(frozen=True)
class Editable:
    """A thing that cites, for those who look after it: its title, where to change it, and who that is."""

    title: str
    url: str
    assignees: Any


Editors = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Editable]]
_editors: dict[str, Editors] = {}


def register_editors(kind: str, editors: Editors) -> None:
    """Declare who looks after things of `kind`. Called in `AppConfig.ready`."""
    _editors[kind] = editors


def task_key(source_kind: str, source_uid: uuid.UUID) -> str:
    """The key of the one task about what a thing cites."""
    return f"references.changed:{source_kind}:{source_uid}"


def tell_of_change(target_kind: str, changed: Mapping[uuid.UUID, tuple[str, str]]) -> int:
    """Open a task for the editors of whatever cites one of these targets and has not seen it as it is now.

    `changed` maps a target to its present state (as `Reference.seen`) and to a Chinese name of it. Safe to repeat. Returns how
    many things cite what changed. Writes Task.
    """
    concerned: dict[str, dict[uuid.UUID, list[str]]] = defaultdict(lambda: defaultdict(list))
    for reference in Reference.objects.filter(target_kind=target_kind, target_uid__in=list(changed)).order_by("pk"):
        state, name = changed[reference.target_uid]
        if reference.seen != state:
            concerned[reference.source_kind][reference.source_uid].append(name)
    told = 0
    for kind, sources in concerned.items():
        held = _editors[kind](list(sources)) if kind in _editors else {}
        for uid, thing in held.items():
            names = list(dict.fromkeys(sources[uid]))
            cited = "、".join(names[:2]) + (_("等") if len(names) > 2 else "")
            title = _("条文已变更：《%(title)s》引用了%(cited)s，请核对") % {"title": thing.title[:60], "cited": cited}
            open_task(task_key(kind, uid), thing.assignees, title[:200], thing.url, kind=CHANGED.code, by_hand=True)
            told += 1
    return told


def was_looked_at(source_kind: str, source_uid: uuid.UUID) -> None:
    """The editor saved the thing with what it cites now in view: the task is done. Safe to repeat."""
    close_task(task_key(source_kind, source_uid))
