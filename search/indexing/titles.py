"""The titles that answer while the engine is away: one line for each title of a group, with who may see it, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search.analysis.normalize import fold
from search.contracts import SearchDocument
from search.models import KnownTitle

_MOST_SUMMARY = 500
_MOST_TITLE = 500
Line = tuple[str, str, str, str, str, str, int, int, int, float, str]
_FIELDS = (
    "type",
    "title",
    "summary",
    "url",
    "tokens",
    "published",
    "secrecy",
    "valid_from",
    "valid_to",
    "authority",
    "uid",
)


def note_titles(kind: str, groups: Mapping[str, Sequence[SearchDocument]]) -> None:
    """Write the titles of these groups as they are now; call it in the transaction that reads them. Groups without documents
    lose theirs."""
    known: dict[str, set[Line]] = {}
    for group, *values in KnownTitle.objects.filter(kind=kind, group__in=list(groups)).values_list("group", *_FIELDS):
        known.setdefault(group, set()).add(tuple(values))  # type: ignore[arg-type]
    wanted = {group: _lines_of(documents) for group, documents in groups.items()}
    changed = [group for group, lines in wanted.items() if known.get(group, set()) != lines]
    if not changed:
        return
    KnownTitle.objects.filter(kind=kind, group__in=[group for group in changed if group in known]).delete()
    KnownTitle.objects.bulk_create(
        [
            KnownTitle(
                kind=kind,
                group=group,
                folded=fold(f"{values['title']}\n{values['summary']}"),
                **values,
            )
            for group in changed
            for values in (dict(zip(_FIELDS, line, strict=True)) for line in sorted(wanted[group]))
        ],
        batch_size=500,
    )


def forget_titles(kind: str, groups: Sequence[str]) -> None:
    """Drop the titles of groups that are gone."""
    KnownTitle.objects.filter(kind=kind, group__in=list(groups)).delete()


def _lines_of(documents: Sequence[SearchDocument]) -> set[Line]:
    """One line for each title and those who may see it: the head if there is one, else the first row, from the first day of any
    to the last of any."""
    heads: dict[tuple[str, frozenset[str], int], SearchDocument] = {}
    days: dict[tuple[str, frozenset[str], int], tuple[int, int]] = {}
    for document in documents:
        slot = (document.title, document.tokens, document.secrecy)
        if slot not in heads or (heads[slot].reference_path and not document.reference_path):
            heads[slot] = document
        first, last = days.get(slot, (document.valid_from, document.valid_to))
        days[slot] = (min(first, document.valid_from), max(last, document.valid_to))
    return {
        (
            document.type,
            document.title.replace("\0", " ")[:_MOST_TITLE],
            document.summary.replace("\0", " ")[:_MOST_SUMMARY],
            document.work_url or document.url,
            f"|{'|'.join(sorted(document.tokens))}|",
            document.published.isoformat() if document.published else "",
            document.secrecy,
            *days[slot],
            round(document.authority, 6),
            document.uid,
        )
        for slot, document in heads.items()
    }
