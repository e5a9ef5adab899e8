"""Deliberately broken plugins, written into a temporary folder as packages of their own."""

from __future__ import annotations

import textwrap
from pathlib import Path

MANIFEST = """
slug = "{slug}"
name = {{ zh = "试验", en = "Trial" }}
version = "1.0.0"
sdk = "{sdk}"
{extra}
"""
APPS = """
from django.apps import AppConfig


class Config(AppConfig):
    name = "{package}"
    label = "{slug}"
"""
PLUGIN = """
from plugins.sdk import Plugin


class Trial(Plugin):
    pass
"""


def write_plugin(
    top: Path,
    slug: str,
    *,
    extra: str = "",
    sdk: str = ">=1.0,<2",
    files: dict[str, str] | None = None,
    prefix: str = "",
) -> Path:
    """Write a small sound plugin `slug` below `top`, then the given files over it."""
    folder = top / slug
    folder.mkdir(parents=True)
    package = f"{prefix}.{slug}" if prefix else slug
    sound = {
        "plugin.toml": MANIFEST.format(slug=slug, sdk=sdk, extra=extra),
        "__init__.py": "",
        "apps.py": APPS.format(package=package, slug=slug),
        "plugin.py": PLUGIN,
    }
    for name, text in {**sound, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder
