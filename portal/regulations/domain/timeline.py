"""The course of a work: every date that is known of it, with where it comes from."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from portal.ground.suppliers import Viewer
from portal.regulations.domain.addresses import regulation_url, version_url
from portal.regulations.domain.parsing.header import read_header
from portal.regulations.domain.queries import visible_regulations
from portal.regulations.models import DateOrigin, Regulation, RegulationVersion, Relation

_CHANGING = (Relation.Kind.AMENDS, Relation.Kind.REPEALS, Relation.Kind.SUPERSEDES)


@dataclasses.dataclass(frozen=True)
class Moment:
    """Something that happened to a work on a day. `source` says where the date comes from, `url` leads to the text it made or
    to the act that did it; `is_ahead` for what is still to come."""

    day: dt.date
    kind: str
    text: str
    source: str
    url: str = ""
    is_ahead: bool = False


def timeline_of(
    regulation: Regulation, versions: Sequence[RegulationVersion], viewer: Viewer, day: dt.date
) -> list[Moment]:
    """All moments, oldest first: dates of the versions that the library holds, what their headers tell of others, acts that
    amend or end the work as far as the viewer may see them, its repeal. One query."""
    found: dict[tuple[dt.date, str], Moment] = {}
    for version in versions:
        for moment in _dates_of(regulation, version):
            found.setdefault((moment.day, moment.kind), moment)
    for version in reversed(versions):
        for moment in _header_of(version):
            held = found.get((moment.day, moment.kind))
            if held is None:
                found[(moment.day, moment.kind)] = moment
            elif len(moment.text) > len(held.text):  # the same day, told with the body and the act
                found[(moment.day, moment.kind)] = dataclasses.replace(held, text=moment.text)
    for moment in _acts_upon(regulation, viewer):
        found.setdefault((moment.day, moment.text), moment)
    if regulation.repealed_on:
        text = _("废止") + (f"：{regulation.repeal_note}" if regulation.repeal_note else "")
        found[(regulation.repealed_on, "repealed")] = Moment(regulation.repealed_on, "repealed", text, _("本库登记"))
    order = ("adopted", "promulgated", "revised", "effective", "amended", "expires", "repealed")
    moments = sorted(found.values(), key=lambda one: (one.day, order.index(one.kind) if one.kind in order else 9))
    return [dataclasses.replace(one, is_ahead=one.day > day) for one in moments]


def _dates_of(regulation: Regulation, version: RegulationVersion) -> list[Moment]:
    names = {
        "adopted": _("通过"),
        "promulgated": _("公布"),
        "revised": _("修订"),
        "effective": _("施行"),
        "expires": _("失效"),
    }
    url = version_url(regulation, version)
    found = []
    for kind, name in names.items():
        day = getattr(version, f"{kind}_on")
        if day is not None:
            origin = DateOrigin(getattr(version, f"{kind}_origin")).label
            text = _("%(what)s（%(key)s 版）") % {"what": name, "key": version.key}
            found.append(Moment(day, kind, text, str(origin), url))
    return found


def _header_of(version: RegulationVersion) -> list[Moment]:
    """The lines above the text tell of versions too that the library does not hold."""
    lines = [line for line in version.header.split("\n") if line]
    events = read_header(["# -", *lines, "<!-- INFO END -->"], "").events if lines else []
    return [
        Moment(event.date, event.kind, event.text.strip() or event.kind, _("题注（%(key)s 版）") % {"key": version.key})
        for event in events
    ]


def _acts_upon(regulation: Regulation, viewer: Viewer) -> list[Moment]:
    relations = (
        Relation.objects.filter(
            target=regulation, kind__in=_CHANGING, on__isnull=False, source__in=visible_regulations(viewer)
        )
        .exclude(state=Relation.State.REJECTED)
        .exclude(kind__in=_CHANGING[1:], state=Relation.State.PROPOSED)
        .select_related("source")
    )
    texts = {
        Relation.Kind.AMENDS: _("被《%(title)s》修改"),
        Relation.Kind.REPEALS: _("被《%(title)s》废止"),
        Relation.Kind.SUPERSEDES: _("被《%(title)s》取代"),
    }
    found = []
    for relation in relations:
        if relation.on is not None:
            kind = "amended" if relation.kind == Relation.Kind.AMENDS else "repealed"
            text = texts[Relation.Kind(relation.kind)] % {"title": relation.source.short_title}
            source = _("法规关系（%(state)s）") % {"state": relation.get_state_display()}
            found.append(Moment(relation.on, kind, text, source, regulation_url(relation.source)))
    return found
