"""Columns and actions of contributors in Wagtail's list of pages: one call of each column a list, one of each action a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.tables import Column
from wagtail.admin.ui.tables.pages import NavigateToChildrenColumn, PageTable
from wagtail.admin.views.pages.listing import PageListingMixin
from wagtail.admin.widgets.button import Button

from plugins.host import state
from plugins.host.figures import own_address
from plugins.host.guard import expect, guarded
from plugins.host.offers import allowed, offered, offered_by
from plugins.host.sources import Source
from plugins.sdk import ActionContext, ListContext, PageAction, PageColumn
from portal.ground.rights import may

TEXT_LENGTH = 200
PRIORITY = 70


class ValuesColumn(Column):
    """A column whose texts were asked for before, all at once."""

    def __init__(self, name: str, label: str, values: Mapping[int, str]) -> None:
        super().__init__(name, label=label)
        self.values = values

    def get_value(self, instance: Any) -> str:
        """The text of a page, or nothing."""
        return self.values.get(instance.pk, "")


class OpenPageTable(PageTable):
    """Wagtail's table of pages with the columns of contributors before the way to the children."""

    def __init__(self, columns: Sequence[Any], data: Any, *, request: HttpRequest | None = None, **kwargs: Any) -> None:
        if request is not None:
            more = columns_for(request, [page.pk for page in data])
            last = [column for column in columns if isinstance(column, NavigateToChildrenColumn)]
            columns = [*(column for column in columns if column not in last), *more, *last]
        super().__init__(columns, data, **kwargs)


def columns_for(request: HttpRequest, page_ids: Sequence[int]) -> list[ValuesColumn]:
    """The columns that this person may see; one that fails is left out."""
    columns = []
    for number, (source, item) in enumerate(offered(request, "page_columns")):
        point = f"column:{item.values if isinstance(item.values, str) else number}"
        values = guarded(source.name, point, partial(_values, request, source, item, tuple(page_ids)))
        if values is not None:
            columns.append(ValuesColumn(f"{source.name}-{number}", item.text, values))
    return columns


def _values(request: HttpRequest, source: Source, item: PageColumn, page_ids: tuple[int, ...]) -> dict[int, str] | None:
    if not allowed(request, source, item.needs):
        return None
    found = source.load(item.values)(ListContext(request=request, page_ids=page_ids)) if page_ids else {}
    expect(Mapping, found, "the values of a column")
    values = {}
    for page_id in page_ids:
        text = found.get(page_id, "")
        expect(str, text, "a value of a column")
        values[page_id] = str(text)[:TEXT_LENGTH]
    return values


def page_actions(page: Any, user: Any) -> Iterator[Button]:
    """The actions on a page that this person may use; one that fails is left out."""
    for number, (source, item) in enumerate(offered_by("page_actions", state.active_here())):
        url = guarded(
            source.name, f"action:{item.route or item.url or number}", partial(_address, source, item, page, user)
        )
        if url:
            yield Button(item.text, url=url, priority=PRIORITY + number)


def _address(source: Source, item: PageAction, page: Any, user: Any) -> str | None:
    if item.needs and not may(user, source.right(item.needs)):
        return None
    if item.route:
        return reverse(item.route, args=[page.pk])
    url = source.load(item.url)(ActionContext(user=user, page=page))
    return None if url is None else own_address(url)


def open_page_lists() -> None:
    """Have Wagtail's lists of pages use our table."""
    inherited = PageListingMixin.get_table_kwargs

    def get_table_kwargs(self: Any) -> dict[str, Any]:
        return {**inherited(self), "request": self.request}

    PageListingMixin.table_class = OpenPageTable
    PageListingMixin.get_table_kwargs = get_table_kwargs
