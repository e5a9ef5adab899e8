"""The site's addresses and one view that does nothing."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.config.urls import urlpatterns as site_patterns
from portal.ground.rights import open_to_all


@open_to_all
def bare(request: HttpRequest) -> HttpResponse:
    """Five bytes through the whole stack of middleware; plain text, which the page cache leaves alone."""
    return HttpResponse("hello", content_type="text/plain")


urlpatterns = [path("bare/", bare), *site_patterns]
