"""Playback at `/play/<token>/…`: the token is the right. Forged answers 404, expired 403, both in plain words."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from media_pipeline import storage
from media_pipeline.encode import POSTER
from media_pipeline.models import Rendition, Version
from media_pipeline.package import master_playlist
from media_pipeline.playback import ExpiredToken, ForgedToken, Grant, read_token
from media_pipeline.web.ranges import NotSatisfiable, wanted_part
from portal.ground.clock import now
from portal.ground.rights import open_to_all

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
_TYPES = {"video": "video/mp4", "audio": "audio/mp4"}


class _Absent(Exception):
    """The token is good, the thing is not there (any more)."""


View = Callable[..., HttpResponseBase]


def _granted(view: View) -> View:
    """Read the token, give the grant to the view, and put the refusals into words."""

    @open_to_all
    @require_safe
    @functools.wraps(view)
    def checked(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        try:
            grant = read_token(token)
            response = view(request, grant, **kwargs)
        except ExpiredToken:
            return _plain(_("播放地址已过期，请刷新页面后继续观看。"), 403)
        except (ForgedToken, _Absent, storage.StoredFileMissing):
            return _plain(_("没有这个视频。"), 404)
        left = max(0, int((grant.expires_at - now()).total_seconds()))
        response["Cache-Control"] = f"private, max-age={min(left, 3600)}"
        return response

    return checked


def _plain(sentence: str, status: int) -> HttpResponse:
    response = HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


@_granted
def master(request: HttpRequest, grant: Grant) -> HttpResponse:
    """The master playlist."""
    renditions = list(Rendition.objects.filter(version__uid=grant.version_uid).defer("playlist").order_by("id"))
    if not renditions:
        raise _Absent
    return HttpResponse(master_playlist(renditions), content_type=PLAYLIST_TYPE)


@_granted
def playlist(request: HttpRequest, grant: Grant, name: str) -> HttpResponse:
    """The playlist of one rendition; its addresses are relative and so carry the token by themselves."""
    text = (
        Rendition.objects.filter(version__uid=grant.version_uid, name=name).values_list("playlist", flat=True).first()
    )
    if text is None:
        raise _Absent
    return HttpResponse(text, content_type=PLAYLIST_TYPE)


@_granted
def media(request: HttpRequest, grant: Grant, name: str) -> HttpResponseBase:
    """The bytes of one rendition, or the part that is asked for."""
    rendition = Rendition.objects.select_related("version").filter(version__uid=grant.version_uid, name=name).first()
    if rendition is None:
        raise _Absent
    place = f"{rendition.version.folder}/{name}.m4s"
    etag = f'"{grant.version_uid.hex}-{name}"'
    return _file(request, place, rendition.file_bytes, etag, _TYPES[rendition.kind])


@_granted
def poster(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    """The poster, a JPEG."""
    folder = Version.objects.filter(uid=grant.version_uid).values_list("folder", flat=True).first()
    if folder is None:
        raise _Absent
    return poster_response(request, folder, f'"{grant.version_uid.hex}-poster"')


def poster_response(request: HttpRequest, folder: str, etag: str) -> HttpResponseBase:
    """The poster of a version that lies in `folder`. Raises StoredFileMissing. Asks nobody whether that is allowed."""
    place = f"{folder}/{POSTER}"
    return _file(request, place, storage.store().size(place), etag, "image/jpeg")


def _file(request: HttpRequest, place: str, size: int, etag: str, content_type: str) -> HttpResponseBase:
    """A private file, whole or in part; by nginx where X_ACCEL_PREFIX is set and the file is on this machine."""
    private = storage.store()
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponseBase = HttpResponse(status=304)
    elif settings.X_ACCEL_PREFIX and isinstance(private, storage.LocalStore):
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX}private/{place}"
    else:
        response = _bytes(request, private, place, size, etag, content_type)
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    return response


def _bytes(
    request: HttpRequest, private: storage.Store, place: str, size: int, etag: str, content_type: str
) -> HttpResponseBase:
    header = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        header = ""
    try:
        part = wanted_part(header, size)
    except NotSatisfiable:
        response: HttpResponseBase = _plain(_("请求的位置超出文件末尾。"), 416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    first, length = (part.first, part.length) if part else (0, size)
    if request.method == "HEAD":
        response = HttpResponse(content_type=content_type)
    else:
        response = StreamingHttpResponse(private.blocks(place, first, length), content_type=content_type)
    response["Content-Length"] = str(length)
    if part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {part.first}-{part.last}/{size}"
    return response
