"""How works stand to each other, as persons decide it: confirming, rejecting, adding by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from portal.ground.audit import audit
from portal.ground.clock import today
from portal.ground.content import content_changed
from portal.regulations.domain.citations.names import plain_key
from portal.regulations.domain.publishing import NotPossible
from portal.regulations.domain.standing import set_repeal
from portal.regulations.models import Regulation, Relation


def decide_relation(relation: Relation, *, confirm: bool, actor: Any = None) -> Relation:
    """Confirm or reject what was read of two works, also when it was decided otherwise before. A confirmed repeal of a work that
    the library holds ends it on the day stated (today without one, unless an earlier day is known). Writes an audit line and
    what a repeal writes; emits `content.changed`."""
    with transaction.atomic():
        relation = (
            Relation.objects.select_for_update(of=("self",)).select_related("target", "source").get(pk=relation.pk)
        )
        relation.state = Relation.State.CONFIRMED if confirm else Relation.State.REJECTED
        relation.save(update_fields=["state"])
        audit(
            actor,
            "regulations.relation",
            target_kind="regulation",
            target_uid=relation.source.uid,
            relation=relation.kind,
            title=relation.title,
            state=relation.state,
        )
        content_changed("regulation", relation.source.uid)
        target = relation.target
        repeals = relation.kind in (Relation.Kind.REPEALS, Relation.Kind.SUPERSEDES)
        if confirm and repeals and target is not None and target.repealed_on is None:
            note = f"《{relation.source.title}》：{relation.quote}"
            set_repeal(target, on=relation.on or today(), note=note, actor=actor)
    return relation


def add_relation(
    source: Regulation, kind: str, title: str, *, on: dt.date | None = None, note: str = "", actor: Any = None
) -> Relation:
    """Say by hand how a work stands to the one called `title`; it is confirmed at once and survives any reading anew.

    Raises NotPossible for an unknown kind, no title or the work itself. Writes Relation and what `decide_relation` writes.
    """
    title = title.strip().strip("《》")
    if kind not in Relation.Kind.values:
        raise NotPossible("请选择是哪一种关系。")
    if len(title) < 2:
        raise NotPossible("请填写另一部法规的名称。")
    key = plain_key(title)[:300]
    if key == plain_key(source.title):
        raise NotPossible("一部法规不能与自己建立关系。")
    with transaction.atomic():
        known = (
            Regulation.objects.exclude(pk=source.pk)
            .filter(title_key__endswith=key)
            .order_by("-owner_organisation", "-pk")
        )
        target = next((work for work in known if plain_key(work.title) == key), None)
        relation, _made = Relation.objects.update_or_create(
            source=source, title_key=key, kind=kind,
            defaults={
                "title": title[:300], "target": target, "on": on, "quote": note.strip()[:300],
                "drawn_by": Relation.DrawnBy.PERSON,
            },
        )  # fmt: skip
        return decide_relation(relation, confirm=True, actor=actor)
