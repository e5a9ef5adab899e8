"""The list of typical experiences. A case itself is a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.experiences.domain.queries import listing_for
from portal.ground.rights import open_to_all


@open_to_all
@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that this person may see, narrowed by topic, unit and year."""
    return render(request, "experiences/cases.html", {"listing": listing_for(request.user, request.GET.dict())})
