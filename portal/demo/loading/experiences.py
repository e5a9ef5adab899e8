"""Six typical experiences (典型经验)."""

from __future__ import annotations

from typing import Any

from portal.demo.content_files import read_folder
from portal.demo.loading.context import Context
from portal.demo.loading.pictures import make_picture
from portal.demo.loading.publish import publish_below
from portal.demo.markdown import rich_text
from portal.experiences.models import CasePage
from portal.organisations.domain.audiences import public_audience
from portal.pages.models import ColumnPage, HomePage

SHELF = {
    "title": "典型经验",
    "slug": "dianxing-jingyan",
    "summary": "各党支部解决实际问题的做法，写清背景、做法、成效和启示。",
}


def load(context: Context) -> str:
    """Publish the cases in a column of their own, oldest first."""
    shelf = publish_below(
        HomePage.objects.get(),
        ColumnPage(
            **SHELF, show_in_menus=False, owner_organisation=context.organisations[""], audience=public_audience()
        ),
    )
    cases = read_folder("cases")
    for case in reversed(cases):
        publish_below(shelf, _page(context, case))
    return f"{len(cases)} 篇"


def _page(context: Context, case: dict[str, Any]) -> CasePage:
    owner = context.organisations[case["organisation"]]
    page = CasePage(
        title=case["title"],
        slug=case["slug"],
        summary=case["summary"],
        year=context.days_ago(case["days_ago"]).year,
        level=case["grade"],
        stars=case["stars"],
        source=owner.short_name,
        owner_organisation=owner,
        display_date=context.days_ago(case["days_ago"]),
        cover=make_picture(context, case["picture"], case["key"], f"{case['title']}（示意图）", owner),
        **{part: rich_text(case[part]) for part in ("background", "approach", "results", "lessons")},
    )
    page.tags.add(case["topic"])
    return page
