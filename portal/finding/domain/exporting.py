"""A list of results as a table to take away: what the person may see at this moment and nothing else."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.shared.sheets import write_csv, write_xlsx
from search import registry
from search.contracts import PAGING_LIMIT, SearchHit, SearchResults

FORMATS = ("xlsx", "csv")
PER_PAGE = 50


def export_results(
    page_of: Callable[[int], SearchResults], *, file_format: str, origin: str, actor: Any
) -> tuple[bytes, int]:
    """The file and how many rows it has: up to `PAGING_LIMIT`, no cell a formula. `page_of` gives the pages of `PER_PAGE` hits as
    this person may see them, `origin` is put before the addresses. Raises SearchUnavailable. Writes an audit line, without what
    was searched for."""
    rows = list(_rows(_hits(page_of), origin))
    heading = [
        _("序号"),
        _("标题"),
        _("条文"),
        _("类型"),
        _("单位或制定机关"),
        _("日期"),
        _("时效"),
        _("内容摘录"),
        _("地址"),
    ]
    target = io.BytesIO()
    if file_format == "csv":
        write_csv([heading, *rows], target)
    else:
        write_xlsx(_("搜索结果"), [heading, *rows], target, columns=len(heading))
    audit(actor, "search.exported", target_kind="search", rows=len(rows), format=file_format)
    return target.getvalue(), len(rows)


def _hits(page_of: Callable[[int], SearchResults]) -> Iterator[SearchHit]:
    seen: set[str] = set()
    for number in range(1, PAGING_LIMIT // PER_PAGE + 1):
        found = page_of(number)
        if found.page != number:
            return
        for hit in found.hits:
            if hit.key not in seen:
                seen.add(hit.key)
                yield hit
        if number >= found.pages:
            return


def _rows(hits: Iterator[SearchHit], origin: str) -> Iterator[Sequence[str]]:
    for number, hit in enumerate(hits, 1):
        unit = hit.facets.get("issuer") or hit.facets.get("unit") or ""
        yield (
            str(number),
            hit.title,
            hit.label,
            hit.type_label,
            unit if isinstance(unit, str) else "、".join(unit),
            hit.date.isoformat() if hit.date else "",
            registry.status_label(hit.status),
            html.unescape(strip_tags(hit.snippet)),
            f"{origin}{hit.url}" if hit.url.startswith("/") else hit.url,
        )
