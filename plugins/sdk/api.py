"""What operations of the API are written with, beside `ninja.Router` and `ninja.Schema`.

An operation is a plain function on a router. It says who may use it with `allows`; an operation that says nothing is not
taken in. Who asks stands in `request.user`, whether by a session or by a token. What a person may not see is answered by
`Http404`, exactly as what does not exist; other refusals by `ApiRefusal`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import Ge, Le
from django.db.models import QuerySet
from ninja import Schema
from pydantic import BeforeValidator, StringConstraints

__all__ = ["OPEN", "SIGNED_IN", "ApiRefusal", "Code", "Listing", "PageNumber", "PerPage", "Words", "allows", "listing"]

OPEN = "open"
SIGNED_IN = "signed-in"
FIRST_PER_PAGE = 20
MOST_PER_PAGE = 100
LAST_PAGE = 10_000

Row = TypeVar("Row")
View = TypeVar("View", bound=Callable[..., Any])


class ApiRefusal(Exception):
    """An operation cannot do what was asked: `status` is the HTTP status (400, 403, 404, 409 or 503), `code` a word for programs,
    `message` a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def allows(right: str, *, scope: str = "") -> Callable[[View], View]:
    """Decorate an operation, below the router's decorator: who may use it.

    `right` is `OPEN` (what it shows is filtered by audience), `SIGNED_IN`, or the full name of a right ("quizzes.take"), asked
    for before anything of the request is read. `scope` is what a token must be made for; operations of plugins need none
    here: theirs is "<slug>.read", or "<slug>.write" for all methods but GET.
    """

    def mark(view: View) -> View:
        view.required_right = right  # type: ignore[attr-defined]
        view.api_scope = scope  # type: ignore[attr-defined]
        return view

    return mark


def _storable(text: Any) -> Any:
    """Text as a database can take it: without NUL and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode() if isinstance(text, str) else text


Words = Annotated[str, BeforeValidator(_storable), StringConstraints(max_length=100)]
"""Text that was typed: at most 100 characters, harmless for every database."""

Code = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]+$", max_length=64)]
"""A code in an address: ASCII letters, digits, - and _."""

PageNumber = Annotated[int, Ge(1), Le(LAST_PAGE)]
"""The page of a list: `page: PageNumber = 1`."""

PerPage = Annotated[int, Ge(1), Le(MOST_PER_PAGE)]
"""How many rows a page has: `per_page: PerPage = 20`, at most 100."""


class Listing(Schema, Generic[Row]):
    """A page of a list. `total` counts all rows of all pages."""

    items: list[Row]
    total: int
    page: int
    per_page: int


def listing(
    rows: QuerySet[Any] | Sequence[Any],
    page: int,
    per_page: int,
    shape: Callable[[Any], Any] | None = None,
    *,
    together: Callable[[list[Any]], list[Any]] | None = None,
) -> dict[str, Any]:
    """The answer of an operation with `response=Listing[...]`: a count and one page of `rows`, two queries.

    `shape` makes each row what the schema shows; `together` does so for all rows of the page at once, so that what they need
    is read by one query. A page behind the last is empty.
    """
    total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    start = (page - 1) * per_page
    shown = list(rows[start : start + per_page]) if start < total else []
    if together is not None:
        shown = together(shown)
    elif shape is not None:
        shown = [shape(row) for row in shown]
    return {"items": shown, "total": total, "page": page, "per_page": per_page}
