"""News in six columns, with drawn pictures."""

from __future__ import annotations

from typing import Any

from portal.demo.content_files import read_articles, read_toml
from portal.demo.loading.bodies import body_of
from portal.demo.loading.context import Context
from portal.demo.loading.pictures import make_picture
from portal.demo.loading.publish import publish_below
from portal.news.models import ArticlePage
from portal.organisations.domain.audiences import members_audience, organisation_audience, public_audience
from portal.organisations.models import Audience, Organisation
from portal.pages.models import ColumnPage, HomePage


def load(context: Context) -> str:
    """Publish the articles, oldest first."""
    slugs = {column["key"]: column["slug"] for column in read_toml("columns.toml")["column"]}
    columns = {key: ColumnPage.objects.get(slug=slug) for key, slug in slugs.items()}
    lead = read_toml("site.toml")["lead"]
    articles = read_articles()
    for article in articles:
        page = _publish(context, article, columns[article["column"]])
        if article["key"] == lead:
            home = HomePage.objects.get()
            home.lead = page
            home.save_revision().publish()
    return f"{len(articles)} 篇，{len(columns)} 个栏目"


def _publish(context: Context, article: dict[str, Any], column: ColumnPage) -> ArticlePage:
    owner = context.organisations[article["unit"]]
    picture = make_picture(context, article["picture"], article["key"], article["caption"], owner)
    # The cover stands above the text in lists and on the front; in the article it follows the first paragraph.
    body = body_of(article["text"])
    body.insert(1, ("picture", {"image": picture, "caption": article["caption"], "alt": ""}))
    page = publish_below(
        column,
        ArticlePage(
            title=article["title"],
            slug=article["key"],
            summary=article["summary"],
            source=article["source"],
            display_date=context.days_ago(article["days_ago"]),
            owner_organisation=owner,
            audience=_audience(article.get("audience", "public"), owner),
            cover=picture,
            body=body,
        ),
    )
    return page  # type: ignore[return-value]


def _audience(name: str, owner: Organisation) -> Audience:
    return {"public": public_audience, "members": members_audience, "unit": lambda: organisation_audience(owner)}[
        name
    ]()
