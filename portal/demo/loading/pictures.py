"""Pictures of the demo: drawn when they are needed."""

from __future__ import annotations

import hashlib
import io

from django.core.files.images import ImageFile

from portal.demo.loading.context import Context, seed_of
from portal.files.models import PortalImage
from portal.organisations.models import Organisation


def make_picture(context: Context, name: str, key: str, title: str, owner: Organisation) -> PortalImage:
    """Draw a scene ("viaduct snow") and store it; `key` makes one drawing differ from another of the same scene."""
    data = context.drawings.take(name, seed_of(key))
    file = ImageFile(io.BytesIO(data), name=f"{key}.jpg")
    image = PortalImage(title=title[:255], alt_text=title[:200], owner_organisation=owner, file=file)
    image.file_size, image.file_hash = len(data), hashlib.sha1(data, usedforsecurity=False).hexdigest()
    image.save()
    return image
