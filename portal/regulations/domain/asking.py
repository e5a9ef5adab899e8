"""Questions to the organisation that owns a rule, and its answers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.generation import raise_generation
from portal.ground.rights import may
from portal.ground.suppliers import viewer_of
from portal.notices.domain import Holders, close_task, notify, open_task
from portal.notices.kinds import declare_kind
from portal.organisations.models import Organisation
from portal.regulations.domain.addresses import article_url, regulation_url
from portal.regulations.domain.queries import visible_regulations
from portal.regulations.models import Lineage, Question, Regulation
from portal.regulations.models.reader import LONGEST_NOTE

ANSWER = "regulations.answer"
LONGEST_QUESTION = 1000
OPEN_AT_ONCE = 20
ASKED = declare_kind(
    "regulations.question",
    "法规提问与答复",
    "Questions about regulations and answers",
    outside="有一条关于法规制度的提问或答复，请登录门户查看。",
    outside_en="There is a question or an answer about a regulation. Please sign in to the portal.",
)


class NotAsked(Exception):
    """A question or an answer cannot be taken; `str()` is a Chinese sentence."""


def ask(user: Any, regulation: Regulation, lineage: Lineage | None, text: str) -> Question:
    """Ask the organisation that owns a rule (the uppermost one for a rule without an owner). Raises NotAsked. Writes
    Question and a Task for whoever may answer there."""
    text = text.strip()
    if len(text) < 4:
        raise NotAsked("请把问题写得更具体一些。")
    if len(text) > LONGEST_QUESTION:
        raise NotAsked(f"问题有 {len(text)} 字，超过 {LONGEST_QUESTION} 字的上限。")
    owner = regulation.owner_organisation or Organisation.objects.filter(depth=1, ended_on=None).order_by("pk").first()
    if owner is None:
        raise NotAsked("还没有可以答复的组织。")
    with transaction.atomic():
        if Question.objects.filter(user=user, answered_at=None).count() >= OPEN_AT_ONCE:
            raise NotAsked("您有较多提问尚未答复，请稍后再提。")
        twin = Question.objects.filter(
            user=user, regulation=regulation, lineage=lineage, text=text, answered_at=None
        ).first()
        if twin is not None:
            return twin  # sent twice
        question = Question.objects.create(
            user=user, regulation=regulation, lineage=lineage, organisation=owner, text=text
        )
        title = _("有人就《%(title)s》提问，请答复") % {"title": regulation.short_title[:80]}
        open_task(_key(question), Holders(ANSWER, owner), title, question_url(question), kind=ASKED.code, announce=True)
    return question


def answer(question: Question, text: str, *, actor: Any) -> Question:
    """Answer a question, or put a better answer in the place of one. Raises NotAsked. Writes Question, closes the Task, tells
    who asked, writes an audit line."""
    text = text.strip()
    if not text:
        raise NotAsked("请先写下答复。")
    if len(text) > LONGEST_NOTE:
        raise NotAsked(f"答复有 {len(text)} 字，超过 {LONGEST_NOTE} 字的上限。")
    with transaction.atomic():
        question = (
            Question.objects.select_for_update(of=("self",))
            .select_related("regulation", "lineage", "user")
            .get(pk=question.pk)
        )
        question.answer, question.answered_by, question.answered_at = text, actor, now()
        question.save(update_fields=["answer", "answered_by", "answered_at"])
        close_task(_key(question), by=actor)
        if question.user is not None:
            title = _("您就《%(title)s》的提问有了答复") % {"title": question.regulation.short_title[:80]}
            notify(f"{_key(question)}:answered", question.user, ASKED.code, title, question_url(question))
        audit(actor, "regulations.answer", target_kind="regulation_question", target_uid=question.uid)
        raise_generation()
    return question


def question_url(question: Question) -> str:
    return f"/r/questions/{question.uid}"


def place_url(question: Question) -> str:
    """Where the question was asked."""
    if question.lineage is not None:
        return article_url(question.regulation, question.lineage)
    return regulation_url(question.regulation)


def _key(question: Question) -> str:
    return f"regulations.question:{question.uid}"


def question_for(user: Any, uid: Any) -> Question | None:
    """A question by its uid for who asked it, who may answer it, and with an answer for whoever sees the rule; else None."""
    found = (
        Question.objects.filter(uid=uid, regulation__in=visible_regulations(viewer_of(user)))
        .select_related("regulation__owner_organisation", "lineage", "organisation", "user")
        .first()
    )
    if found is None:
        return None
    known = found.answered_at is not None or found.user_id == user.pk or may(user, ANSWER, found.organisation)
    return found if known else None


def answered(regulation: Regulation, lineage: Lineage | None = None) -> list[Question]:
    """Answered questions about an article, or about the work and all its articles, newest answer first: one query."""
    where = Q(lineage=lineage) if lineage is not None else Q()
    found = Question.objects.filter(where, regulation=regulation, answered_at__isnull=False)
    return list(found.select_related("organisation", "lineage").order_by("-answered_at", "-pk")[:50])


def questions_of(user: Any) -> list[Question]:
    """What this person asked, newest first, as far as the rule may still be seen."""
    found = Question.objects.filter(user=user, regulation__in=visible_regulations(viewer_of(user)))
    return list(found.select_related("regulation", "lineage", "organisation").order_by("-asked_at", "-pk")[:200])
