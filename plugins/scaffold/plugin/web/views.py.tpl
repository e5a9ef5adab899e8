"""The pages. What a person may not see is answered as what does not exist."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from __slug__.domain.notes import notes_for
from plugins.sdk import open_to_all

PER_PAGE = 20


@open_to_all
def notes(request: HttpRequest) -> HttpResponse:
    """The notes that this person may see."""
    page = Paginator(notes_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "__slug__/notes.html", {"page_obj": page})


@open_to_all
def note(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """One note."""
    found = get_object_or_404(notes_for(request.user), uid=uid)
    return render(request, "__slug__/note.html", {"note": found})
