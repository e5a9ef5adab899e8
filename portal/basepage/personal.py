"""What is kept about a person here: which pages the person began."""

from __future__ import annotations

from collections.abc import Iterable

from portal.basepage.models import BasePage
from portal.ground.personal import Erased, Person, Table


def export(person: Person) -> Iterable[Table]:
    """The pages begun."""
    if person.user_id is None:
        return
    pages = BasePage.objects.filter(owner_id=person.user_id).order_by("pk")
    yield Table(
        "pages",
        "撰写的页面",
        {"title": "标题", "first_published_at": "发布时间"},
        [
            {"title": title, "first_published_at": at.isoformat() if at else None}
            for title, at in pages.values_list("title", "first_published_at")
        ],
    )


def erase(person: Person) -> Erased:
    """The name goes from the pages, which belong to their organisation."""
    if person.user_id is None:
        return Erased(0)
    return Erased(BasePage.objects.filter(owner_id=person.user_id).update(owner=None))
