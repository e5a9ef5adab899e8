"""The public API for plugins as lines of text, for the snapshot beside this file."""

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

SNAPSHOT = Path(__file__).with_name("public_api.txt")
MODULES = (
    "plugins.sdk",
    "plugins.sdk.api",
    "plugins.sdk.demo",
    "plugins.sdk.deprecation",
    "portal.public",
    "portal.public.admin",
    "portal.public.events",
    "portal.public.facts",
    "portal.public.models",
    "portal.public.notices",
    "portal.public.pages",
    "portal.public.records",
)
FOREIGN = ("wagtail", "django", "modelcluster")
"""What bases of packages bring is theirs to keep."""


def lines() -> list[str]:
    """Every public name with its signature, sorted; versions first."""
    found = [line for name in MODULES for line in _of_module(importlib.import_module(name))]
    return sorted(found, key=lambda line: (".__version__ " not in line, line))


def _of_module(module: ModuleType) -> Iterator[str]:
    for name in public_names(module):
        yield from _of_thing(f"{module.__name__}.{name}", getattr(module, name))


def public_names(module: ModuleType) -> list[str]:
    """`__all__`, or what the module itself defines without an underscore in front."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]


def _of_thing(path: str, thing: Any) -> Iterator[str]:
    if isinstance(thing, type):
        bases = ", ".join(base.__name__ for base in thing.__bases__ if base is not object)
        yield f"{path} class({bases})"
        if dataclasses.is_dataclass(thing):
            for field in dataclasses.fields(thing):
                needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
                yield f"{path}.{field.name}: {_annotation(field.type)}{'' if needed else ' = ...'}"
        yield from _members(path, thing)
    elif callable(thing):
        yield f"{path}{signature(thing)}"
    else:
        yield f"{path} = {thing!r}" if isinstance(thing, str | int | float) else f"{path}"


def _members(path: str, kind: type) -> Iterator[str]:
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property):
            yield f"{path}.{name} property"
        elif inspect.isfunction(value):
            yield f"{path}.{name}{signature(value)}"
        elif not dataclasses.is_dataclass(kind) and type(value).__module__.partition(".")[0] not in FOREIGN:
            yield f"{path}.{name}"


def signature(thing: Any) -> str:
    """The signature as it is written, without what differs from run to run."""
    found = inspect.signature(thing)
    parts, starred = [], False
    for parameter in found.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            parts.append("*")
            starred = True
        if parameter.kind is parameter.VAR_POSITIONAL:
            starred = True
        mark = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        text = f"{mark}{parameter.name}"
        if parameter.annotation is not parameter.empty:
            text += f": {_annotation(parameter.annotation)}"
        if parameter.default is not parameter.empty:
            text += " = ..." if "<" in repr(parameter.default) else f" = {parameter.default!r}"
        parts.append(text)
    answer = "" if found.return_annotation is found.empty else f" -> {_annotation(found.return_annotation)}"
    return f"({', '.join(parts)}){answer}"


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
