"""Pictures at `/media/…`: only renditions, only for those who may see the picture."""

from __future__ import annotations

import mimetypes

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import http_date

from portal.files.domain.delivery import NotVisible, is_public, rendition_to_show
from portal.ground.rights import open_to_all

A_YEAR_SECONDS = 31_536_000


@open_to_all
def image(request: HttpRequest, name: str) -> HttpResponseBase:
    """A rendition's bytes; 404 for everything else. Names carry their size, so a public one may be kept for a year."""
    try:
        rendition = rendition_to_show(request.user, f"images/{name}")
    except NotVisible:
        raise Http404 from None
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response: HttpResponseBase
    if settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=content_type)
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX}media/{rendition.file.name}"
    else:
        try:
            response = FileResponse(rendition.file.open("rb"), content_type=content_type)
        except FileNotFoundError:
            raise Http404 from None
    if is_public(rendition.image):
        response["Cache-Control"] = f"public, max-age={A_YEAR_SECONDS}, immutable"
    else:
        response["Cache-Control"] = "private, no-store"
    response["Last-Modified"] = http_date(rendition.image.created_at.timestamp())
    return response
