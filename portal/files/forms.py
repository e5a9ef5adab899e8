"""The forms behind pictures and documents: a file for which the disk has no room is refused beside its field, before any of
it is stored, so that nothing half-written stays and what was typed stays."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import UploadedFile
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from media_pipeline import limits
from media_pipeline.verdicts import Verdict
from portal.basepage.models import Secrecy


def check_room(size: int) -> None:
    """Refuse a file of `size` bytes that would leave less than MEDIA_FREE_RESERVE_BYTES on the volume of the uploads.

    Raises ValidationError. An object store keeps its own account and is not asked.
    """
    if not isinstance(default_storage, FileSystemStorage):
        return
    folder = Path(default_storage.location)
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free - size < limits.free_space_reserve():
        verdict = Verdict("no_space", {"needed": limits.spoken_size(size), "free": limits.spoken_size(free)})
        raise forms.ValidationError(verdict.sentence, verdict.code)


class _RoomForFile:
    cleaned_data: dict[str, Any]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            check_room(file.size or 0)
        return file


class ImageForm(_RoomForFile, BaseImageForm):
    """A picture."""


class DocumentForm(_RoomForFile, BaseDocumentForm):
    """A document. Its level is chosen by name, as that of a page is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "secrecy" in self.fields:
            label = self.fields["secrecy"].label
            self.fields["secrecy"] = forms.TypedChoiceField(
                label=label, choices=Secrecy.choices, coerce=int, initial=Secrecy.PUBLIC
            )
