"""What changed for a person since the last look: in what is followed, marked or noted."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from portal.ground.clock import now, today
from portal.ground.suppliers import viewer_of
from portal.regulations.domain.addresses import article_url, regulation_url
from portal.regulations.domain.asking import question_url
from portal.regulations.domain.following import changed_articles
from portal.regulations.domain.queries import PUBLISHED, visible_regulations
from portal.regulations.domain.status import in_order
from portal.regulations.models import (
    Bookmark,
    Citation,
    Lineage,
    Note,
    Question,
    ReaderState,
    Regulation,
    RegulationVersion,
    Subscription,
)

MOST = 100


@dataclasses.dataclass(frozen=True)
class Change:
    """Something that happened on `day` to what a person keeps."""

    day: dt.date
    title: str
    url: str


def looked(user: Any) -> None:
    """The person has seen what changed: from now on only later things count. Safe to repeat. Writes ReaderState."""
    ReaderState.objects.update_or_create(user=user, defaults={"looked_at": now()})


def last_look(user: Any) -> dt.datetime | None:
    """When the person looked last; before the first look, when the first thing was kept; None for who keeps nothing."""
    held = ReaderState.objects.filter(user=user).values_list("looked_at", flat=True).first()
    if held is not None:
        return held
    firsts = [
        model.objects.filter(user=user).order_by("created_at").values_list("created_at", flat=True).first()
        for model in (Subscription, Bookmark, Note)
    ]
    asked = Question.objects.filter(user=user).order_by("asked_at").values_list("asked_at", flat=True).first()
    return min((moment for moment in [*firsts, asked] if moment is not None), default=None)


def changes_for(user: Any, since: dt.datetime) -> list[Change]:
    """New and beginning versions, ends, new citations and answers since then, newest first."""
    works, lineages = _kept(user)
    visible = visible_regulations(viewer_of(user))
    seen = {
        work.pk: work
        for work in visible.filter(Q(pk__in=works) | Q(lineages__in=lineages)).distinct().prefetch_related("versions")
    }
    found: list[Change] = []
    for work in seen.values():
        found += _in_work(work, work.pk in works, lineages, since)
    found += _cited(visible, works & set(seen), lineages, since)
    answers = Question.objects.filter(user=user, answered_at__gt=since, regulation__in=visible)
    for question in answers.select_related("regulation"):
        if question.answered_at is not None:
            title = _("您就《%(title)s》的提问有了答复") % {"title": question.regulation.short_title}
            found.append(Change(question.answered_at.date(), title, question_url(question)))
    return sorted(found, key=lambda change: (change.day, change.title), reverse=True)[:MOST]


def _kept(user: Any) -> tuple[set[int], set[int]]:
    works: set[int] = set()
    lineages: set[int] = set()
    for model in (Subscription, Bookmark, Note):
        for work, lineage in model.objects.filter(user=user, regulation__isnull=False).values_list(
            "regulation", "lineage"
        ):
            if lineage:
                lineages.add(lineage)
            else:
                works.add(work)
    return works, lineages


def _in_work(work: Regulation, whole: bool, lineages: set[int], since: dt.datetime) -> list[Change]:
    found: list[Change] = []
    title = work.short_title
    if work.repealed_on and since.date() < work.repealed_on <= today():
        text = _("《%(title)s》自 %(day)s 起废止") % {"title": title, "day": work.repealed_on.isoformat()}
        found.append(Change(work.repealed_on, text, regulation_url(work)))
    versions = in_order(v for v in work.versions.all() if v.state == PUBLISHED)
    for place, version in enumerate(versions):
        if version.published_at is None:
            continue
        if version.published_at > since and place == len(versions) - 1 and place > 0:
            found += _in_version(work, versions[place - 1], version, whole, lineages)
        elif version.published_at <= since and version.effective_on and since.date() < version.effective_on <= today():
            text = _("《%(title)s》%(key)s 版起施行") % {"title": title, "key": version.key}
            found.append(Change(version.effective_on, text, regulation_url(work)))
    return found


def _in_version(
    work: Regulation, before: RegulationVersion, version: RegulationVersion, whole: bool, lineages: set[int]
) -> list[Change]:
    found: list[Change] = []
    day = version.published_at.date() if version.published_at else today()
    if whole:
        url = f"/r/{work.code}/compare?from={before.key}&to={version.key}&only=changed"
        text = _("《%(title)s》有了 %(key)s 版") % {"title": work.short_title, "key": version.key}
        found.append(Change(day, text, url))
    changed = changed_articles(before, version, only=sorted(lineages))
    for lineage in Lineage.objects.filter(pk__in=list(changed), regulation=work):
        what = {"title": work.short_title, "label": changed[lineage.pk], "key": version.key}
        text = (
            _("《%(title)s》%(label)s在 %(key)s 版中有变更") % what
            if what["label"]
            else _("《%(title)s》一条在 %(key)s 版中已删去") % what
        )
        found.append(Change(day, text, article_url(work, lineage)))
    return found


def _cited(visible: Any, works: set[int], lineages: set[int], since: dt.datetime) -> list[Change]:
    rows = (
        Citation.objects.filter(
            Q(target__in=works) | Q(target_lineage__in=lineages),
            is_hidden=False,
            target__in=visible,
            version__regulation__in=visible,
            version__state=PUBLISHED,
            version__published_at__gt=since,
        )
        .select_related("version__regulation", "target")
        .order_by("-version__published_at", "pk")[: 10 * MOST]
    )
    found: dict[tuple[int, int | None], Change] = {}
    for row in rows:
        source = row.version.regulation
        if row.target is None or source.pk == row.target_id or row.version.published_at is None:
            continue
        text = _("《%(title)s》被《%(source)s》引用") % {"title": row.target.short_title, "source": source.short_title}
        day = row.version.published_at.date()
        found.setdefault((source.pk, row.target_id), Change(day, text, regulation_url(source)))
    return list(found.values())
