"""What happens beside the results page: the approved answer is looked for, the search is kept as a recent one, and what was not
found is counted."""

from __future__ import annotations

from django.http import HttpRequest

from portal.finding.domain.answers import KIND, closest, is_question, visible_answers
from portal.finding.domain.policy import current_policy
from portal.finding.domain.saving import note_recent
from portal.finding.domain.using import note_query
from portal.finding.models import Answer
from portal.ground.suppliers import viewer_of
from search.closest import closest_rows
from search.contracts import SearchResults, SearchUnavailable
from search.web.asking import Asked, who_asks

_FOUND = "_finding_answer"


def note_answer(request: HttpRequest, asked: Asked, results: SearchResults) -> None:
    """Told by the results page. Writes RecentSearch, AskedQuery."""
    if asked.page != 1:
        return
    answer = answer_for(request, asked)
    if request.user.is_authenticated:
        note_recent(request.user, asked.query)
    empty = not results.total and not asked.is_narrowed and asked.as_of is None
    unanswered = answer is None and is_question(asked.query)
    if empty or unanswered:
        note_query(asked.query, empty=empty, unanswered=unanswered, person=_person(request), policy=current_policy())


def answer_for(request: HttpRequest, asked: Asked) -> Answer | None:
    """The approved answer to what was asked, for this reader; None when it is no question or has none. Looked for once a
    request."""
    if not hasattr(request, _FOUND):
        setattr(request, _FOUND, _look_for(request, asked))
    found: Answer | None = getattr(request, _FOUND)
    return found


def key_above(request: HttpRequest, asked: Asked) -> str:
    """The row of the answer that stands above the list."""
    answer = answer_for(request, asked)
    return f"{KIND}:{answer.uid}" if answer is not None else ""


def _look_for(request: HttpRequest, asked: Asked) -> Answer | None:
    if not is_question(asked.query) or asked.page != 1:
        return None
    viewer, inactive = viewer_of(request.user), who_asks(request)[1]
    try:
        rows = closest_rows(asked.query, viewer, [KIND], inactive=inactive)
    except SearchUnavailable:
        return None
    row = closest(asked.query, [found.data for found in rows])
    if row is None:
        return None
    return visible_answers(viewer).filter(uid=row["uid"]).select_related("owner_organisation").first()


def _person(request: HttpRequest) -> str:
    """Something that tells one reader from another for a day; it is never stored (see `domain.using`)."""
    if request.user.is_authenticated:
        return f"user:{request.user.pk}"
    return f"visitor:{request.META.get('REMOTE_ADDR', '')}:{request.META.get('HTTP_USER_AGENT', '')[:200]}"
