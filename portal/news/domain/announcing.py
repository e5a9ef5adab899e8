"""Telling that an article went live."""

from __future__ import annotations

from typing import Any

from plugins.sdk import publish
from portal.events.news import ArticlePublished


def announce_article(article: Any) -> None:
    """Write `news.article_published` into the open transaction. Raises OutsideTransaction without one."""
    owner = article.owner_organisation
    publish(
        ArticlePublished(
            article_uid=article.uid, title=article.title, organisation_uid=owner.uid if owner is not None else None
        )
    )
