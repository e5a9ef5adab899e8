"""Events: frozen, versioned, with named fields of plain types, so that they survive in the outbox and in other processes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import types
import typing
import uuid
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

HANDLES_EVENT = "_handles_event"
HANDLES_POINT_RULES = "_handles_point_rules"

_known: dict[tuple[str, int], type[Event]] = {}


class EventNotReadable(ValueError):
    """A stored event has no field that the class demands, or a value of another type."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. A subclass is a frozen, keyword-only dataclass and sets `name` ("school.course_completed") and,
    once it has to change, `version`. A version only gains fields with defaults; anything else is a new version.

    Fields may be str, int, float, bool, Decimal, UUID, date, datetime (aware), a tuple of one of these, or one of them or None.
    Events carry ids and small facts, never secrets or personal data beyond what handlers need.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        name = cls.__dict__.get("name", "")
        if not name:
            return
        key = (name, cls.__dict__.get("version", 1))
        other = _known.get(key)
        if other is not None and (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"event {name} v{key[1]} is declared twice: in {other.__module__} and {cls.__module__}")
        _known[key] = cls

    def to_json(self) -> dict[str, Any]:
        """The fields as a JSON object; name and version are kept beside it, not in it."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The event that `to_json` wrote, also by an older or newer code: unknown fields are ignored, missing ones take
        their default. Raises EventNotReadable."""
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for field in dataclasses.fields(cls):
            if field.name in data:
                try:
                    values[field.name] = _typed(data[field.name], hints[field.name])
                except (TypeError, ValueError, decimal.InvalidOperation) as error:
                    raise EventNotReadable(f"{cls.name}: field {field.name}: {error}") from error
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise EventNotReadable(f"{cls.name}: field {field.name} is missing")
        return cls(**values)


def event_class(name: str, version: int = 1) -> type[Event]:
    """The class of a stored event. Raises LookupError when no loaded code declares it."""
    try:
        return _known[(name, version)]
    except KeyError:
        raise LookupError(f"no loaded code declares the event {name} v{version}") from None


def known_events() -> tuple[type[Event], ...]:
    """All declared event classes, by name and version."""
    return tuple(_known[key] for key in sorted(_known))


def on(event: type[Event]) -> Callable[[Function], Function]:
    """Mark a plugin method (or a function of a core app's `contributions.py`) as handler of an event.

    It is called with the event after the change is committed, in a worker, at least once, possibly again and out of order:
    it must leave the same state when repeated. Raising has it called again later, with growing pauses.
    """
    if not event.name:
        raise ValueError(f"{event.__qualname__} has no name, so it cannot be heard")

    def mark(function: Function) -> Function:
        setattr(function, HANDLES_EVENT, event)
        return function

    return mark


def on_point_rules(function: Function) -> Function:
    """Mark the plugin method that keeps points: called as `method(rule, event)` for each event that a `PointRule` of an
    active plugin names, under the same promises as `on`."""
    setattr(function, HANDLES_POINT_RULES, True)
    return function


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError("events carry aware instants only")
        return value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} does not fit into an event")


_READERS: dict[Any, Callable[[Any], Any]] = {
    dt.datetime: dt.datetime.fromisoformat,
    dt.date: dt.date.fromisoformat,
    uuid.UUID: uuid.UUID,
    decimal.Decimal: decimal.Decimal,
    float: float,
}


def _typed(value: Any, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not types.NoneType]
        if value is None:
            if len(options) == len(typing.get_args(hint)):
                raise TypeError("None is not allowed")
            return None
        return _typed(value, options[0])
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, got {type(value).__name__}")
        return tuple(_typed(item, typing.get_args(hint)[0]) for item in value)
    if hint in _READERS:
        return _READERS[hint](value)
    if hint in (str, int, bool):
        if type(value) is not hint:
            raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
        return value
    raise TypeError(f"the type {hint} does not fit into an event")
