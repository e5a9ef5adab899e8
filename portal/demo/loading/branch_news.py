"""Short notes on the sites of some branches."""

from __future__ import annotations

from portal.demo.content_files import read_toml
from portal.demo.loading.bodies import body_of
from portal.demo.loading.context import Context
from portal.demo.loading.publish import publish_below
from portal.news.models import ArticlePage
from portal.organisations.domain.audiences import public_audience
from portal.pages.models import BranchPage


def load(context: Context) -> str:
    """Publish the notes below the sites of their branches, oldest first."""
    notes = sorted(read_toml("branch_news.toml")["note"], key=lambda note: -note["days_ago"])
    for note in notes:
        owner = context.organisations[note["organisation"]]
        publish_below(
            BranchPage.objects.get(organisation=owner),
            ArticlePage(
                title=note["title"],
                slug=note["key"],
                summary=note["summary"],
                source=owner.short_name,
                display_date=context.days_ago(note["days_ago"]),
                owner_organisation=owner,
                audience=public_audience(),
                body=body_of(note["text"]),
            ),
        )
    return f"{len(notes)} 篇"
