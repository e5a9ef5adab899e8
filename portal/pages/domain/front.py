"""What stands on the front of the site."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.db.models import Q

from portal.basepage.models import BasePage
from portal.ground.clock import today
from portal.ground.prepared import Prepared
from portal.ground.suppliers import Viewer, viewer_of
from portal.pages.domain.pictures import CARD, LEAD, picture_addresses
from portal.pages.domain.stories import NEWEST_FIRST, Story, facts_of, page_types, stories_of_rows, story_rows

HEADLINES = 4
STORIES_IN_A_COLUMN = 6
CARDS_IN_A_ROW = 4
LEARNING_READ = 36
# Enough newest stories to fill every column of an ordinary site; a column that was silent for longer is asked for itself.
NEWEST_READ = 160


@dataclasses.dataclass(frozen=True)
class ColumnBox:
    """A column on the front with its newest stories."""

    title: str
    url: str
    stories: tuple[Story, ...]


@dataclasses.dataclass(frozen=True)
class Front:
    """The front for one reader. `lead_cover` is the large picture of the lead story."""

    day: dt.date
    lead: Story | None
    lead_cover: str
    headlines: tuple[Story, ...]
    columns: tuple[ColumnBox, ...]
    courses: tuple[Story, ...]
    lessons: tuple[Story, ...]
    cases: tuple[Story, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was published yet."""
        return not (self.lead or self.columns or self.courses or self.lessons or self.cases)


def front_of(home: Any, user: Any, *, columns: list[dict[str, Any]] | None = None) -> Front:
    """The front that `user` may see: four queries, and one for each column that was silent for long. `columns` is what
    `columns_below` said of this home page and reader, when the navigation has asked already."""
    viewer = viewer_of(user)
    if columns is None:
        columns = columns_below(viewer, home)
    news = _news.rows(viewer, tuple(page_types("news")), home.lead_id)
    learning = _learning(viewer)
    lead_row = _lead_of(home, news)
    covers = picture_addresses([row["cover_id"] for row in ([lead_row] if lead_row else []) + learning], [LEAD, CARD])
    rest = [row for row in news if lead_row is None or row["pk"] != lead_row["pk"]]
    headlines = [row for row in rest if _in_any(row["path"], columns)][:HEADLINES]
    shown = {row["pk"] for row in [*headlines, *([lead_row] if lead_row else [])]}
    below = [row for row in rest if row["pk"] not in shown]
    all_read = len(news) < NEWEST_READ
    boxes = [_box(row, viewer, below, shown, all_read=all_read) for row in columns]
    cards = [
        dataclasses.replace(story, cover=covers.get((row["cover_id"], CARD), ""))
        for row, story in zip(learning, stories_of_rows(learning), strict=True)
    ]
    return Front(
        day=today(),
        lead=stories_of_rows([lead_row])[0] if lead_row else None,
        lead_cover=covers.get((lead_row["cover_id"], LEAD), "") if lead_row else "",
        headlines=tuple(stories_of_rows(headlines)),
        columns=tuple(box for box in boxes if box.stories),
        courses=tuple(card for card in cards if card.kind == "course"),
        lessons=tuple(card for card in cards if card.kind == "microlesson"),
        cases=tuple(card for card in cards if card.kind == "case"),
    )


def columns_read(request: Any, home: Any) -> list[dict[str, Any]] | None:
    """The columns of this home page that the navigation of this request has read, None when it has not."""
    read = getattr(request, "columns_below", None)
    return read[1] if read is not None and read[0] == home.path else None


def columns_below(viewer: Viewer, home: Any) -> list[dict[str, Any]]:
    """The columns straight below a home page that are shown in menus, as rows for `stories_of_rows`: one query."""
    return _columns.rows(viewer, tuple(page_types("column")), home.depth, path=home.path)


@Prepared
def _columns(viewer: Viewer, types: tuple[int, ...], depth: int, *, path: str) -> Any:
    columns = BasePage.objects.visible_to(viewer).filter(content_type__in=types, show_in_menus=True)
    return facts_of(columns.filter(path__startswith=path, depth=depth + 1).order_by("path"))


@Prepared
def _news(viewer: Viewer, types: tuple[int, ...], lead_id: int | None) -> Any:
    condition = Q(content_type__in=types)
    if lead_id:
        condition |= Q(pk=lead_id)
    return facts_of(BasePage.objects.visible_to(viewer).filter(condition).order_by(*NEWEST_FIRST)[:NEWEST_READ])


@Prepared
def _newest(viewer: Viewer, types: tuple[int, ...]) -> Any:
    pages = BasePage.objects.visible_to(viewer).order_by(*NEWEST_FIRST)
    return facts_of(pages.filter(content_type__in=types)[:LEARNING_READ])


def _learning(viewer: Viewer) -> list[dict[str, Any]]:
    """The newest courses, micro-lessons and cases: one query for the three, and one for a kind that is rarer than that."""
    kinds = page_types("course", "microlesson", "case")
    if not kinds:
        return []
    pages = BasePage.objects.visible_to(viewer).order_by(*NEWEST_FIRST)
    newest = _newest.rows(viewer, tuple(kinds))
    found: list[dict[str, Any]] = []
    for kind in kinds:
        own = [row for row in newest if row["content_type_id"] == kind][:CARDS_IN_A_ROW]
        if len(own) < CARDS_IN_A_ROW and len(newest) == LEARNING_READ:
            own = story_rows(pages.filter(content_type=kind)[:CARDS_IN_A_ROW])
        found += own
    return found


def _lead_of(home: Any, news: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The story the editor chose, if this reader may see it; else the newest one with a cover; else the newest."""
    chosen = next((row for row in news if row["pk"] == home.lead_id), None)
    return chosen or next((row for row in news if row["cover_id"]), None) or next(iter(news), None)


def _in_any(path: str, columns: list[dict[str, Any]]) -> bool:
    return any(path.startswith(column["path"]) for column in columns)


def _box(
    column: dict[str, Any], viewer: Viewer, candidates: list[dict[str, Any]], shown: set[int], *, all_read: bool
) -> ColumnBox:
    """A column with its newest stories that do not stand above it. `all_read` says that there are no older ones."""
    own = [row for row in candidates if row["path"].startswith(column["path"])][:STORIES_IN_A_COLUMN]
    if len(own) < STORIES_IN_A_COLUMN and not all_read:
        pages = BasePage.objects.visible_to(viewer).filter(
            content_type__in=page_types("news"), path__startswith=column["path"]
        )
        own = story_rows(pages.exclude(pk__in=shown).order_by(*NEWEST_FIRST)[:STORIES_IN_A_COLUMN])
    head, *stories = stories_of_rows([column, *own])
    return ColumnBox(head.title, head.url, tuple(stories))
