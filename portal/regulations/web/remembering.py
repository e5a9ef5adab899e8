"""What pages of signed-in readers need not ask for again while the content of the site stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import get_language

from portal.ground.generation import current_generation
from portal.ground.suppliers import hidden_types

KEPT_SECONDS = 600
Found = TypeVar("Found")


def remembered(request: HttpRequest, name: str, *parts: Any, make: Callable[[], Found]) -> Found:
    """What `make` gives for `parts`, kept until the content changes. `parts` holds all that it depends on: for what not
    everybody may see, the viewer. Who is not signed in gets whole pages kept (`AnonymousPageCache`), so nothing is kept here."""
    if not request.user.is_authenticated:
        return make()
    generation = getattr(request, "content_generation", None)
    if generation is None:
        generation = request.content_generation = current_generation()  # type: ignore[attr-defined]
    depends = (request.get_host(), get_language(), sorted(hidden_types()), parts)
    asked = hashlib.blake2b(repr(depends).encode(), digest_size=16).hexdigest()
    key = f"regulations:{generation}:{name}:{asked}"
    held: tuple[Found] | None = cache.get(key)
    if held is None:
        held = (make(),)
        cache.set(key, held, KEPT_SECONDS)
    return held[0]
