"""References and edges that persons make or take away. Reading a text anew keeps both."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from portal.ground.audit import audit
from portal.ground.content import content_changed
from portal.regulations.domain.citations.grammar import Place, find
from portal.regulations.domain.citations.linking import Works
from portal.regulations.domain.citations.names import Names, plain_key
from portal.regulations.domain.status import in_order
from portal.regulations.models import Citation, LineageEdge, Provision, Regulation, RegulationVersion


class BadLink(Exception):
    """A link or an edge cannot be made; `str()` is a Chinese sentence."""


def link_words(
    version: RegulationVersion, source_path: str, words: str, title: str, place: str = "", *, turn: int = 1, actor: Any
) -> Citation:
    """`link_by_hand` for what people type: the words as they stand in the article (their `turn`-th time), the title of the
    other work (empty for this one) and a place as it is written (第五条第二款). Raises BadLink."""
    words = words.strip()
    provision = Provision.objects.filter(version=version, path=source_path, lineage__isnull=False).first()
    if provision is None or not words:
        raise BadLink("请填写文中要加链接的文字。")
    places = [match.start() for match in re.finditer(re.escape(words), provision.text)]
    if not 1 <= turn <= len(places):
        raise BadLink(f"文中没有第 {turn} 处“{words[:30]}”。" if places else f"文中没有“{words[:30]}”，请照原文填写。")
    title = title.strip().strip("《》")
    target = version.regulation
    if title:
        key = plain_key(title)
        works = Regulation.objects.filter(title_key__endswith=key).order_by("-owner_organisation", "-pk")
        found = next((work for work in works if plain_key(work.title) == key), None)
        if found is None:
            raise BadLink(f"库中没有《{title[:60]}》，请先导入，或检查名称。")
        target = found
    path = ""
    if place.strip():
        mentions = [one for one in find(place.strip(), Names([]), Place("art0", "")) if one.path]
        if not mentions:
            raise BadLink("没有看懂“条款”一栏，请写成“第五条”或“第五条第二款第（三）项”。")
        path = mentions[0].path
    start = places[turn - 1]
    return link_by_hand(version, source_path, start, start + len(words), target, path, actor=actor)


def link_by_hand(
    version: RegulationVersion,
    source_path: str,
    start: int,
    end: int,
    target: Regulation,
    path: str = "",
    *,
    actor: Any,
) -> Citation:
    """Make characters `start` to `end` of an article speak of a work or of a place in it; replaces what the machine read there.

    Raises BadLink when there is no such text or place. Writes Citation and an audit line; emits `content.changed`.
    """
    provision = Provision.objects.filter(version=version, path=source_path, lineage__isnull=False).first()
    if provision is None or not 0 <= start < end <= len(provision.text):
        raise BadLink("文中没有这一处文字，请重新选取。")
    article = path.split("/")[0]
    lineage = Works().lineage_at(target.pk, article, version.starts_on) if article else None
    if article and lineage is None:
        raise BadLink(f"《{target.title}》中没有找到所填的条。")
    with transaction.atomic():
        overlapping = Citation.objects.filter(version=version, source_path=source_path, start__lt=end, end__gt=start)
        overlapping.delete()
        citation = Citation.objects.create(
            version=version, source_id=provision.lineage_id, source_path=source_path, start=start, end=end,
            quote=provision.text[start:end][:200], title_key=plain_key(target.title)[:300], target=target,
            target_lineage_id=lineage, path=path[:120], drawn_by=Citation.DrawnBy.PERSON,
        )  # fmt: skip
        audit(actor, "regulations.link", target_kind="regulation_version", target_uid=version.uid, path=source_path)
        content_changed("regulation", version.regulation.uid)
    return citation


def unlink_by_hand(citation: Citation, *, actor: Any) -> None:
    """Take a link away for good: reading anew does not bring it back. Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        citation.is_hidden = True
        citation.drawn_by = Citation.DrawnBy.PERSON
        citation.save(update_fields=["is_hidden", "drawn_by"])
        version = citation.version
        audit(
            actor, "regulations.unlink", target_kind="regulation_version", target_uid=version.uid,
            path=citation.source_path,
        )  # fmt: skip
        content_changed("regulation", version.regulation.uid)


def restore_link(citation: Citation, *, actor: Any) -> None:
    """Bring back a link that was taken away. Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        citation.is_hidden = False
        citation.save(update_fields=["is_hidden"])
        version = citation.version
        audit(
            actor, "regulations.link", target_kind="regulation_version", target_uid=version.uid,
            path=citation.source_path,
        )  # fmt: skip
        content_changed("regulation", version.regulation.uid)


def draw_edge(
    version: RegulationVersion, path: str, other_key: str, other_place: str, kind: str, *, actor: Any
) -> LineageEdge:
    """Say by hand that an article came from (or went into) one of another version of the work: the older one is the source.

    Raises BadLink for a version, place or kind that is none. Writes LineageEdge and an audit line; emits `content.changed`.
    """
    if kind not in LineageEdge.Kind.values:
        raise BadLink("请选择是哪一种沿革。")
    other = (
        RegulationVersion.objects.filter(regulation=version.regulation_id, key=other_key).exclude(pk=version.pk).first()
    )
    mentions = [one for one in find(other_place.strip(), Names([]), Place("art0", "")) if one.path]
    article = mentions[0].path.split("/")[0] if mentions else ""
    mine = Provision.objects.filter(version=version, path=path, lineage__isnull=False).first()
    theirs = Provision.objects.filter(version=other, path=article, lineage__isnull=False).first() if other else None
    if mine is None or theirs is None or mine.lineage_id == theirs.lineage_id:
        raise BadLink("没有找到另一版的这一条，或两条本来就是同一条。")
    ordered = [one.pk for one in in_order([version, other])] if other else []
    is_older = ordered[:1] != [version.pk]
    source, target = (theirs, mine) if is_older else (mine, theirs)
    with transaction.atomic():
        edge, _made = LineageEdge.objects.update_or_create(
            source_id=source.lineage_id, target_id=target.lineage_id, kind=kind,
            defaults={"drawn_by": LineageEdge.DrawnBy.PERSON, "is_hidden": False},
        )  # fmt: skip
        audit(actor, "regulations.edge", target_kind="regulation_version", target_uid=version.uid, path=path, edge=kind)
        content_changed("regulation", version.regulation.uid)
    return edge


def take_edge_away(edge: LineageEdge, *, actor: Any) -> None:
    """Take an edge away for good: no import brings it back. Writes an audit line; emits `content.changed`."""
    with transaction.atomic():
        edge.is_hidden = True
        edge.save(update_fields=["is_hidden"])
        work = edge.source.regulation
        audit(actor, "regulations.unedge", target_kind="regulation", target_uid=work.uid, edge=edge.kind)
        content_changed("regulation", work.uid)
