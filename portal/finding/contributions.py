"""What this app gives to the portal: answers in search, and its parts of the results page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from plugins.sdk import PageSlot, SearchSource, SlotContext
from portal.finding.domain.answers import sources_of
from portal.finding.domain.policy import current_policy
from portal.finding.domain.saving import keeps_recent, recent_searches
from portal.finding.web.listening import answer_for
from portal.ground.suppliers import viewer_of
from search.web.asking import Asked


def answer_above(context: SlotContext) -> dict[str, Any] | None:
    """The approved answer to a question, with what it rests on."""
    if context.subject.results is None:
        return None
    answer = answer_for(context.request, context.subject.asked)
    return {"answer": answer, "sources": sources_of(answer, viewer_of(context.user))} if answer is not None else None


def tools(context: SlotContext) -> dict[str, Any]:
    """Saving and exporting these results."""
    asked: Asked = context.subject.asked
    return {"pairs": [(name, value) for name, held in asked.parameters().items() for value in held], "asked": asked}


def recent(context: SlotContext) -> dict[str, Any] | None:
    """What a person searched for lately."""
    if not context.user.is_authenticated:
        return None
    keeps = keeps_recent(context.user)
    return {
        "keeps": keeps,
        "recent": [(query, Asked(query).address()) for query in recent_searches(context.user)] if keeps else [],
    }


def where_to_ask(context: SlotContext) -> dict[str, Any]:
    """Where to ask when nothing was found."""
    return {"where": current_policy().where_to_ask or _("可以向所在支部的书记或本站编辑询问。")}


search = [
    SearchSource(
        kind="answer",
        label="党务问答",
        label_en="Questions and answers",
        documents=".domain.answers.documents",
        types={"answer": ("党务问答", "Questions and answers")},
        facets={"unit": ("单位", "Unit"), "year": ("年份", "Year")},
    )
]

slots = [
    PageSlot("search.above", "finding/answer_above.html", answer_above, order=10),
    PageSlot("search.tools", "finding/tools.html", tools, order=10),
    PageSlot("search.start", "finding/recent.html", recent, order=10),
    PageSlot("search.none", "finding/where_to_ask.html", where_to_ask, order=10),
]
