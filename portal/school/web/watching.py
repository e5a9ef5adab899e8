"""What the player of a unit sends."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.ground.rights import signed_in
from portal.school.domain.completion import NotEnrolled, asset_of, open_unit, record_watch
from portal.school.web.views import member_and_unit
from portal.watching.domain.videos import duration_ms_of
from portal.watching.domain.watching import Beacon, Watch
from portal.watching.web.beacons import answer_beacon, opened


def _not_enrolled() -> JsonResponse:
    return JsonResponse({"state": "not_enrolled", "message": _("您还没有报名这门课程，观看不会记录。")}, status=409)


@signed_in
@require_POST
def open_watching(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Begin or go on watching on this device."""
    member, unit = member_and_unit(request, uid)
    try:
        state = open_unit(member, unit)
    except NotEnrolled:
        return _not_enrolled()
    return opened(state.watch, done=state.is_done)


@signed_in
@require_POST
def beacon(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Record what was watched since the last beacon."""
    member, unit = member_and_unit(request, uid)

    def record(sent: Beacon) -> tuple[Watch, bool]:
        state = record_watch(member, unit, sent)
        return state.watch, state.is_done

    try:
        return answer_beacon(request, record, duration_ms=duration_ms_of(asset_of(unit)))
    except NotEnrolled:
        return _not_enrolled()
