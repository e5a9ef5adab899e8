"""Which texts of the project belong to which catalogue; how they are read stands in `plugins.testing.catalogues`."""

from __future__ import annotations

from pathlib import Path

from plugins.testing.catalogues import (
    CONTEXT_END,
    HAN,
    compiled,
    entries,
    fuzzy,
    marked_texts,
    placeholders,
    plurals,
)

__all__ = [
    "CATALOGUES",
    "CONTEXT_END",
    "HAN",
    "PROJECT_DIR",
    "SHARED",
    "SOURCES",
    "catalogue_of",
    "catalogues_read",
    "compiled",
    "entries",
    "fuzzy",
    "marked_texts",
    "placeholders",
    "plurals",
]

PROJECT_DIR = Path(__file__).resolve().parents[2]
SHARED = "portal"
HOST = "plugins/host"
SEARCH = "search"
CATALOGUES = (
    SHARED,
    *sorted(
        folder.parent.relative_to(PROJECT_DIR).as_posix()
        for pattern in ("portal/*/locale", "search/locale", "plugins/*/locale", "plugins/bundled/*/locale")
        for folder in PROJECT_DIR.glob(pattern)
    ),
)
SOURCES = ("portal", "plugins", "search", "media_pipeline", "themes")


def catalogue_of(path: Path) -> str:
    """Which catalogue a source file belongs to: its app's or plugin's own, or else the portal's."""
    name = path.relative_to(PROJECT_DIR).as_posix()
    own = [folder for folder in CATALOGUES if folder != SHARED and name.startswith(f"{folder}/")]
    return max(own, key=len, default=SHARED)


def catalogues_read(catalogue: str) -> tuple[str, ...]:
    """Where the texts of a catalogue's sources may be translated: an app of the portal, search, and the host of the plugins,
    may also use the portal's texts."""
    return (catalogue, SHARED) if catalogue.startswith((f"{SHARED}/", SEARCH, HOST)) else (catalogue,)
