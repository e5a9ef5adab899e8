"""One page."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def hello(request: HttpRequest) -> HttpResponse:
    """Who answers."""
    return HttpResponse("hello", content_type="text/plain")


urlpatterns = [path("", hello)]
