"""What is read together with a person at the beginning of a request, so that it costs no query of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

_annotations: dict[str, Callable[[], Any]] = {}


def load_with(name: str, expression: Callable[[], Any]) -> None:
    """Have every signed-in user carry `name`: the value of a query expression over users. Called in an `AppConfig.ready`."""
    _annotations[name] = expression


def load_user(pk: Any) -> Any:
    """The user with everything that was asked to be read along, or None: one query."""
    made = {name: expression() for name, expression in _annotations.items()}
    return get_user_model().objects.annotate(**made).filter(pk=pk).first()
