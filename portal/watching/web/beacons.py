"""The requests of a player, for every app that shows a video to be watched."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from portal.watching.domain.watching import (
    Beacon,
    BeaconChanged,
    ImplausibleClaim,
    Watch,
    WatchingElsewhere,
)

MAX_BYTES = 16_384
MAX_SPANS = 200
MAX_SECONDS = 86_400 * 2


class MalformedBeacon(ValueError):
    """The body is not a beacon."""


def beacon_of(request: HttpRequest) -> Beacon:
    """Read `{"id": uuid, "token": uuid, "spans": [[from, to], …], "position": number}`, times in seconds. Raises MalformedBeacon."""
    try:
        if len(request.body) > MAX_BYTES:
            raise MalformedBeacon
        data = json.loads(request.body)
        spans = data["spans"]
        if not isinstance(spans, list) or len(spans) > MAX_SPANS:
            raise MalformedBeacon
        read = tuple((_ms(start), _ms(end)) for start, end in spans)
        if any(end < start for start, end in read):
            raise MalformedBeacon
        return Beacon(uuid.UUID(data["id"]), uuid.UUID(data["token"]), read, _ms(data["position"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedBeacon from error


def _ms(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedBeacon
    if not -1 <= value <= MAX_SECONDS:
        raise MalformedBeacon
    return max(0, round(value * 1000))


def opened(watch: Watch, *, done: bool) -> JsonResponse:
    """Answer to opening: where to go on, and the token of the first beacon."""
    return JsonResponse({"token": str(watch.token), "position": watch.position_ms / 1000, "done": done})


def answer_beacon(
    request: HttpRequest, record: Callable[[Beacon], tuple[Watch, bool]], *, duration_ms: int | None
) -> JsonResponse:
    """Record one beacon by `record` (which gives the watch and whether the thing is done) and answer the player in words
    that it can show. 400: not a beacon; 409: nothing credited, and why."""
    try:
        watch, done = record(beacon_of(request))
    except MalformedBeacon:
        return JsonResponse({"state": "malformed", "message": _("学习进度的格式不正确，没有保存。")}, status=400)
    except WatchingElsewhere:
        message = _("您已在另一个页面或设备上打开视频，这里先暂停。")
        return JsonResponse({"state": "elsewhere", "message": message}, status=409)
    except BeaconChanged:
        return JsonResponse({"state": "changed", "message": _("这次上报与先前的内容不一致，没有计入。")}, status=409)
    except ImplausibleClaim:
        message = _("上报的观看时长超过了实际经过的时间，没有计入。")
        return JsonResponse({"state": "implausible", "message": message}, status=409)
    return JsonResponse({"token": str(watch.token), "share": watch.share(duration_ms), "done": done})
