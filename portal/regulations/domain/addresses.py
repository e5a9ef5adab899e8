"""Addresses and names of works and articles."""

from __future__ import annotations

from typing import Protocol

from portal.regulations.domain.parsing.numerals import chinese_of
from portal.regulations.models import Lineage, Regulation, RegulationVersion


def regulation_url(regulation: Regulation) -> str:
    """The work's address in the source language."""
    return f"/r/{regulation.code}"


def version_url(regulation: Regulation, version: RegulationVersion, path: str = "") -> str:
    """A version, or a place in it."""
    return f"/r/{regulation.code}@{version.key}" + (f"/{path}" if path else "")


def article_url(regulation: Regulation, lineage: Lineage) -> str:
    """An article for ever, whatever its number."""
    return lineage_url(regulation, lineage.code)


def lineage_url(regulation: Regulation, lineage_code: str) -> str:
    """The same by the article's own code."""
    return f"/r/{regulation.code}/{lineage_code}"


class Numbered(Protocol):
    """A provision, or what was read of one."""

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> int | None: ...
    @property
    def sub_number(self) -> int: ...
    @property
    def label(self) -> str: ...
    @property
    def heading(self) -> str: ...


def article_label(provision: Numbered) -> str:
    """第五十三条之一, as it should be written, whatever the source has; for other pieces their label or kind."""
    if provision.kind == "article" and provision.number:
        sub = f"之{chinese_of(provision.sub_number)}" if provision.sub_number else ""
        return f"第{chinese_of(provision.number)}条{sub}"
    if provision.kind == "enumeration" and provision.number:
        return f"第{chinese_of(provision.number)}项"
    if provision.kind == "annex":
        return provision.label.rstrip("：: ") or "附件"
    return {"preamble": "序言", "table": "附表"}.get(provision.kind) or provision.label or provision.heading[:20]


def place_label(place: str) -> str:
    """第二款第（三）项 for p2/i3; empty for what is no place below an article."""
    units = {"p": "第{}款", "i": "第（{}）项", "s": "第{}目"}
    parts = [part for part in place.split("/") if part[:1] in units and part[1:].isdigit()]
    return "".join(units[part[0]].format(chinese_of(int(part[1:]))) for part in parts)


def anchor(path: str) -> str:
    """A path as an HTML id."""
    return path.replace("/", ".").replace("~", "_")
