"""The plugin's routes under `/api/v1/p/__slug__/`."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from __slug__.domain.notes import notes_for
from plugins.sdk.api import OPEN, Listing, PageNumber, PerPage, allows, listing

router = Router(tags=["__zh__"])


class NoteRow(Schema):
    """A note."""

    uid: uuid.UUID
    title: str
    body: str
    shown_on: dt.date


@router.get("/notes", response=Listing[NoteRow])
@allows(OPEN)
def list_notes(request: HttpRequest, page: PageNumber = 1, per_page: PerPage = 20) -> Any:
    """The notes that this person may see, newest first."""
    return listing(notes_for(request.user), page, per_page)


@router.get("/notes/{uid}", response=NoteRow)
@allows(OPEN)
def read_note(request: HttpRequest, uid: uuid.UUID) -> Any:
    """One note. What this person may not see is answered as what does not exist."""
    note = notes_for(request.user).filter(uid=uid).first()
    if note is None:
        raise Http404
    return note
