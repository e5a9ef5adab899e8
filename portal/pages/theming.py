"""Design tokens: from a theme's `theme.toml` to CSS custom properties, and the contrast of colour pairs."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_GROUPS = ("font", "size", "line", "space", "radius", "width", "motion")
MODES = ("light", "dark", "grey", "grey-dark")
_HEAD = "/* Written by `manage.py build_theme` from theme.toml. Do not edit. */"
# How each mode is chosen: `data-look` by the reader (absent: the system's choice), `data-grey` by the site.
_DARK_BY_SYSTEM = "@media (prefers-color-scheme: dark)"


class BrokenTheme(ValueError):
    """theme.toml lacks a role in some mode, or names a role that does not exist."""


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two colours that meet on a page: `ratio` is the least contrast (WCAG 2.2)."""

    mode: str
    front: str
    back: str
    ratio: float
    front_colour: str
    back_colour: str


def load_theme(folder: Path) -> dict[str, Any]:
    """Read `theme.toml` of a theme folder. Raises BrokenTheme when a mode lacks a colour role."""
    with (folder / "theme.toml").open("rb") as file:
        theme = tomllib.load(file)
    roles = set(theme["colour"]["light"])
    for mode in MODES:
        given = set(theme["colour"].get(mode, {}))
        if given != roles:
            raise BrokenTheme(f"colour.{mode} differs from colour.light in {sorted(given ^ roles)}")
    for pair in theme["pair"]:
        unknown = {*pair["front"], *pair["on"]} - roles
        if unknown:
            raise BrokenTheme(f"[[pair]] names unknown roles {sorted(unknown)}")
    return theme


def tokens_css(theme: dict[str, Any]) -> str:
    """The whole text of tokens.css for a loaded theme."""
    parts = [_HEAD, _rule(":root", [*_plain(theme), *_colours(theme, "light")], scheme="light")]
    parts.append(
        _DARK_BY_SYSTEM
        + " {\n"
        + _rule(":root:not([data-look])", _colours(theme, "dark"), scheme="dark", indent="  ")
        + "\n}"
    )
    parts.append(_rule(':root[data-look="dark"]', _colours(theme, "dark"), scheme="dark"))
    parts.append(_rule(":root[data-grey]", _colours(theme, "grey"), scheme="light"))
    parts.append(
        _DARK_BY_SYSTEM
        + " {\n"
        + _rule(":root[data-grey]:not([data-look])", _colours(theme, "grey-dark"), scheme="dark", indent="  ")
        + "\n}"
    )
    parts.append(_rule(':root[data-grey][data-look="dark"]', _colours(theme, "grey-dark"), scheme="dark"))
    parts.append(
        "@media print {\n" + _rule(":root:root:root", _colours(theme, "light"), scheme="light", indent="  ") + "\n}"
    )
    return "\n\n".join(parts) + "\n"


def _plain(theme: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f"{group}-{name}", value) for group in _GROUPS for name, value in theme[group].items()]


def _colours(theme: dict[str, Any], mode: str) -> list[tuple[str, str]]:
    return list(theme["colour"][mode].items())


def _rule(selector: str, values: list[tuple[str, str]], *, scheme: str, indent: str = "") -> str:
    lines = [f"{indent}{selector} {{", f"{indent}  color-scheme: {scheme};"]
    lines += [f"{indent}  --{name}: {value};" for name, value in values]
    return "\n".join([*lines, f"{indent}}}"])


def pairs(theme: dict[str, Any]) -> Iterator[Pair]:
    """Every pair of colours that occurs, in every mode."""
    for mode in MODES:
        colours = theme["colour"][mode]
        for pair in theme["pair"]:
            for front in pair["front"]:
                for back in pair["on"]:
                    yield Pair(mode, front, back, pair["ratio"], colours[front], colours[back])


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours `#RRGGBB`, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
