"""References as a reader sees them: links inside a text, and who cites an article. What one may not see is no link."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer
from portal.organisations.domain.audiences import visible_filter
from portal.regulations.domain.addresses import regulation_url
from portal.regulations.domain.parsing.numerals import chinese_of
from portal.regulations.domain.reading import Paragraph, paragraphs_of
from portal.regulations.domain.titles import STATE
from portal.regulations.models import Citation, Lineage, Regulation, RegulationVersion

MOST_CITING = 200


@dataclasses.dataclass(frozen=True)
class Segment:
    """A piece of a paragraph; `url` is empty for plain words, `term` names the entry of the glossary that explains it."""

    text: str
    url: str = ""
    title: str = ""
    term: str = ""


@dataclasses.dataclass(frozen=True)
class LinkedParagraph:
    """A paragraph with its links."""

    paragraph: Paragraph
    segments: tuple[Segment, ...]

    @property
    def kind(self) -> str:
        return self.paragraph.kind

    @property
    def place(self) -> str:
        return self.paragraph.place

    @property
    def anchor(self) -> str:
        return self.paragraph.anchor

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        return self.paragraph.rows

    @property
    def has_head(self) -> bool:
        return self.paragraph.has_head


@dataclasses.dataclass(frozen=True)
class Link:
    """Characters `start` to `end` of an article's text lead to `url`; with `term` they are a word of the glossary."""

    start: int
    end: int
    url: str
    title: str
    term: str = ""


@dataclasses.dataclass(frozen=True)
class Citing:
    """An article that cites another one, or a whole work that does."""

    title: str
    label: str
    url: str
    quote: str


def links_in(version: RegulationVersion, viewer: Viewer, path: str = "") -> dict[str, list[Link]]:
    """The links of a version by the paths of its articles (of one article with `path`): one query. References to works that
    the viewer may not see, or that have no published version, are left out."""
    rows = _links_at.rows(viewer, version=version.pk, path=path) if path else _links.rows(viewer, version=version.pk)
    found: dict[str, list[Link]] = defaultdict(list)
    for source_path, start, end, place, code, title, lineage, target in rows:
        if lineage:
            below = place.split("/", 1)[1].replace("/", ".") if "/" in place and place.startswith("art") else ""
            url = f"/r/{code}/{lineage}" + (f"#t.{below}" if below else "")
        elif target == version.regulation_id:
            continue  # a place of this text that it has not
        else:
            url = f"/r/{code}"
        found[source_path].append(Link(start, end, url, title))
    return found


def _links_of(viewer: Viewer, *, version: int) -> QuerySet[Citation, Any]:
    published = RegulationVersion.objects.filter(regulation=OuterRef("target"), state=RegulationVersion.State.PUBLISHED)
    wanted = Citation.objects.filter(
        visible_filter(viewer, "target__"), Exists(published), version_id=version, is_hidden=False
    )
    return wanted.order_by("start").values_list(
        "source_path", "start", "end", "path", "target__code", "target__title", "target_lineage__code", "target"
    )


_links = Prepared(_links_of)


@Prepared
def _links_at(viewer: Viewer, *, version: int, path: str) -> QuerySet[Citation, Any]:
    return _links_of(viewer, version=version).filter(source_path=path)


def linked_paragraphs(text: str, links: Sequence[Link], line_kinds: str = "") -> list[LinkedParagraph]:
    """The paragraphs of an article with the links in them; `line_kinds` as in `paragraphs_of`."""
    found: list[LinkedParagraph] = []
    offset = 0
    for paragraph in paragraphs_of(text, line_kinds):
        end = offset + len(paragraph.text)
        inside = [link for link in links if offset <= link.start and link.end <= end]
        segments: list[Segment] = []
        at = offset
        for link in inside:
            if link.start < at:
                continue
            segments += [
                Segment(text[at : link.start]),
                Segment(text[link.start : link.end], link.url, link.title, link.term),
            ]
            at = link.end
        segments.append(Segment(text[at:end]))
        found.append(LinkedParagraph(paragraph, tuple(segment for segment in segments if segment.text)))
        offset = end + 1
    return found


def citing_articles(lineage: Lineage, viewer: Viewer) -> list[Citing]:
    """Articles of published texts that cite this one, newest text of each first: one query."""
    found: dict[int, Citing] = {}
    for source, article, work, title, path, quote in _citing.rows(viewer, lineage=lineage.pk):
        if source == lineage.pk:
            continue
        url = f"/r/{work}/{article}"
        found.setdefault(source, Citing(title.removeprefix(STATE), label_of_path(path), url, quote))
    return list(found.values())[:MOST_CITING]


@Prepared
def _citing(viewer: Viewer, *, lineage: int) -> QuerySet[Citation, Any]:
    return (
        Citation.objects.filter(
            visible_filter(viewer, "version__regulation__"),
            target_lineage_id=lineage,
            is_hidden=False,
            version__state=RegulationVersion.State.PUBLISHED,
        )
        .order_by("-version__starts_on", "version_id", "source_path")
        .values_list(
            "source", "source__code", "version__regulation__code", "version__regulation__title", "source_path", "quote"
        )[: 3 * MOST_CITING]
    )


def label_of_path(path: str) -> str:
    """第五条之一 for art5-1, 第二项 for item2; empty for what has no number."""
    match = re.search(r"(?:^|/)(art|item)(\d+)(?:-(\d+))?(?:~\d+)?$", path)
    if match is None:
        return ""
    number = chinese_of(int(match[2]))
    return (
        f"第{number}条" + (f"之{chinese_of(int(match[3]))}" if match[3] else "")
        if match[1] == "art"
        else f"第{number}项"
    )


def citing_works(regulation: Regulation, viewer: Viewer, limit: int = 50) -> list[Citing]:
    """Other works whose published texts cite this one: one query."""
    works = (
        Regulation.objects.filter(
            visible_filter(viewer),
            versions__state=RegulationVersion.State.PUBLISHED,
            versions__citations__target=regulation,
            versions__citations__is_hidden=False,
        )
        .exclude(pk=regulation.pk)
        .distinct()
        .order_by("title_key")[:limit]
    )
    return [Citing(work.title, "", regulation_url(work), "") for work in works]
