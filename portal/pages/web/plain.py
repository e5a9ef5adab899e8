"""Small files that programs ask for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from portal.ground.rights import open_to_all

_ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /account/
Disallow: /workbench/
Disallow: /search/
Disallow: /files/
Disallow: /play/
"""


@open_to_all
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers inside the network should leave alone."""
    return HttpResponse(_ROBOTS, content_type="text/plain; charset=utf-8")


@open_to_all
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever the page says."""
    response = HttpResponse(status=301)
    response["Location"] = static("img/mark.svg")
    return response
