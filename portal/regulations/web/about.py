"""What stands above every text: the work, its status on a day, its versions and the way to the current one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.ground.clock import today
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.rights import home_of
from portal.regulations.domain.keeping import kept_here, notes_beside
from portal.regulations.domain.queries import visible_regulation
from portal.regulations.domain.status import Status, status_on, version_to_show
from portal.regulations.models import Lineage, Regulation, RegulationVersion

BADGES = {"in_force": "success", "not_yet": "info", "amended": "warning", "repealed": "danger", "expired": "danger"}


@dataclasses.dataclass(frozen=True)
class VersionChoice:
    version: RegulationVersion
    status: Status
    badge_state: str
    url: str
    shown: bool


def work_of(request: HttpRequest, code: str) -> Regulation:
    """The work with this code. Raises Http404 for one that is absent or not for this reader."""
    found = visible_regulation(viewer_of(request.user), code)
    if found is None:
        raise Http404
    return found


def day_asked(raw: str) -> tuple[dt.date, bool]:
    """The day of a query, and whether it was not understood; today for none."""
    if not raw:
        return today(), False
    try:
        return dt.date.fromisoformat(raw), False
    except ValueError:
        return today(), True


def crumbs(regulation: Regulation, *last: str) -> list[dict[str, str]]:
    """The way to a page of a work; `last` is the page itself."""
    return [
        {"label": _("法规制度"), "url": reverse("regulations:list")},
        {"label": regulation.short_title, "url": reverse("regulations:work", args=[regulation.code])},
        *({"label": label, "url": ""} for label in last),
    ]


def about(
    regulation: Regulation, versions: list[RegulationVersion], shown: RegulationVersion, day: dt.date
) -> dict[str, Any]:
    """The context of `_status.html`, `_versions.html` and `_facts.html`."""
    status = status_on(shown, versions, regulation.repealed_on, day)
    choices = []
    for one in reversed(versions):
        one_status = status_on(one, versions, regulation.repealed_on, day)
        url = reverse("regulations:version", args=[regulation.code, one.key])
        choices.append(VersionChoice(one, one_status, BADGES.get(one_status.code, ""), url, one.pk == shown.pk))
    current = version_to_show(versions, today())
    return {
        "regulation": regulation,
        "version": shown,
        "status": status,
        "badge_state": BADGES.get(status.code, ""),
        "choices": choices,
        "current": current,
        "is_current": current is not None and current.pk == shown.pk,
        "day": day,
        "is_today": day == today(),
        "crumbs": crumbs(regulation),
    }


def beside(request: HttpRequest, regulation: Regulation, lineage: Lineage | None) -> dict[str, Any]:
    """What this reader keeps at an article or a work; nothing is asked for who is not signed in."""
    if not request.user.is_authenticated:
        return {}
    kept = kept_here(request.user, regulation, lineage)
    return {
        "keeps": True,
        "lineage": lineage,
        "home": home_of(request.user),
        "notes": notes_beside(request.user, regulation, lineage),
        "is_bookmarked": kept.bookmarked,
        "subscription": kept.subscription,
    }
