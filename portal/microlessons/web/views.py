"""The list of micro-lessons, and what their player asks and sends. A micro-lesson itself is a page."""

from __future__ import annotations

import dataclasses
import uuid

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from portal.ground.rights import open_to_all, signed_in
from portal.microlessons.domain.learning import open_lesson, record_lesson_watch
from portal.microlessons.domain.queries import LessonFacts, asset_of, facts_of, lesson_for, lessons_open_to
from portal.microlessons.models import MicroLessonPage
from portal.pages.domain.pictures import CARD, picture_addresses
from portal.watching.domain.videos import duration_ms_of
from portal.watching.domain.watching import Beacon, Watch
from portal.watching.web.beacons import answer_beacon, opened

PER_PAGE = 12


@dataclasses.dataclass(frozen=True)
class LessonCard:
    """A micro-lesson in the list."""

    lesson: MicroLessonPage
    cover: str
    facts: LessonFacts


@open_to_all
@require_GET
def lessons(request: HttpRequest) -> HttpResponse:
    """The micro-lessons that this person may see."""
    page = Paginator(lessons_open_to(request.user), PER_PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    facts = facts_of(listed)
    covers = picture_addresses([lesson.cover_id for lesson in listed], [CARD])
    cards = [LessonCard(lesson, covers.get((lesson.cover_id, CARD), ""), facts[lesson.pk]) for lesson in listed]
    return render(request, "microlessons/lessons.html", {"page_obj": page, "cards": cards})


def _lesson_or_404(request: HttpRequest, uid: uuid.UUID) -> MicroLessonPage:
    found = lesson_for(request.user, uid)
    if found is None:
        raise Http404
    return found


@signed_in
@require_POST
def open_watching(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Begin or go on watching on this device."""
    state = open_lesson(request.user, _lesson_or_404(request, uid))
    return opened(state.watch, done=state.is_done)


@signed_in
@require_POST
def beacon(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Record what was watched since the last beacon."""
    lesson = _lesson_or_404(request, uid)

    def record(sent: Beacon) -> tuple[Watch, bool]:
        state = record_lesson_watch(request.user, lesson, sent)
        return state.watch, state.is_done

    return answer_beacon(request, record, duration_ms=duration_ms_of(asset_of(lesson)))
