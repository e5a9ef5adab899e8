"""Events of the news columns."""

import dataclasses
import datetime as dt
import uuid

from plugins.sdk import Event, now


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArticlePublished(Event):
    """An article went live, for the first time or again. `organisation_uid` is the owner."""

    name = "news.article_published"
    article_uid: uuid.UUID
    title: str
    organisation_uid: uuid.UUID | None = None
    occurred_at: dt.datetime = dataclasses.field(default_factory=now)
