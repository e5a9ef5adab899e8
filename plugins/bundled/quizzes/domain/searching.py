"""What the search box finds: published papers by title and description. Questions stay out of the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse

from plugins.bundled.quizzes.models import SEARCH_KIND, Paper
from plugins.sdk import BUSINESS_ZONE, SearchDocument
from portal.public import facts


def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """Documents of the papers with these uids, or of all."""
    papers = Paper.objects.filter(is_published=True)
    if uids is not None:
        papers = papers.filter(uid__in=uids)
    rows = list(papers)
    tokens = facts.tokens_of(rows)
    for paper in rows:
        yield SearchDocument(
            uid=str(paper.uid),
            group=str(paper.uid),
            kind=SEARCH_KIND,
            type="quiz",
            title=paper.title,
            body=paper.introduction,
            summary=paper.introduction[:200],
            url=reverse("quizzes:paper", args=[paper.uid]),
            tokens=tokens.get(paper.audience_id, frozenset()),
            secrecy=paper.secrecy,
            published=paper.opens_at.astimezone(BUSINESS_ZONE).date(),
        )
