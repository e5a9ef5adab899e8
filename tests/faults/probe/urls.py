"""Pages: who answers, and two that queue a job as pages of the real site do."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.ground.jobs import enqueue


def hello(request: HttpRequest) -> HttpResponse:
    """Who answers."""
    return HttpResponse("hello", content_type="text/plain")


def order(request: HttpRequest) -> HttpResponse:
    """Queue one `fault.step` and answer once it is committed."""
    asked = request.POST
    with transaction.atomic():
        enqueue(
            "fault.step",
            {"number": int(asked["number"]), "path": asked["path"], "seconds": float(asked["seconds"])},
        )
    return HttpResponse("queued", content_type="text/plain")


def effect(request: HttpRequest) -> HttpResponse:
    """Queue one `fault.effect` and answer once it is committed."""
    with transaction.atomic():
        enqueue("fault.effect", {"number": int(request.POST["number"]), "seconds": 0.02})
    return HttpResponse("queued", content_type="text/plain")


urlpatterns = [path("", hello), path("order", order), path("effect", effect)]
