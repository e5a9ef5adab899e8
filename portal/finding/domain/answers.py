"""Questions and answers (党务问答): written by editors, approved by another, shown first to who asks something like it."""

from __future__ import annotations

import collections
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.finding.models import Answer
from portal.finding.rights import APPROVE, EDIT
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.content import content_changed
from portal.ground.rights import may
from portal.ground.suppliers import Viewer
from portal.notices.domain import Holders, close_task, notify, open_task
from portal.organisations.domain.audiences import visible_filter
from portal.organisations.models import AudienceToken
from portal.references.domain.citing import Citation, Cited, citations_of, record
from portal.references.domain.watching import Editable, was_looked_at
from portal.regulations.domain.learning import articles_cited
from search.analysis import grams
from search.contracts import SearchDocument

KIND = "answer"
MOST_WORDINGS = 10
LONGEST_WORDING = 120
LEAST_LIKENESS = 0.5
_QUESTION = re.compile(
    r"[?？]|吗|呢$|怎么|怎样|如何|什么|多少|几[年月天个次人日]|哪|谁|何时|为何|是否|能否|可否|能不能|可不可以|要不要|需不需要|有没有|多久|多长"
)
_ASKING = re.compile(
    r"请问|怎么样|怎么办|怎么|怎样|如何|什么|哪些|多少|是否|能否|可否|可以|需要|应该|应当|吗|呢|的|[?？]"
)
_State = Answer.State


class NoSource(ValueError):
    """An answer names at least one article or other source, and every article it names by address exists."""


class NotPossible(ValueError):
    """The state of the answer does not allow it; the message says in Chinese what to do."""


class OwnWork(PermissionError):
    """Nobody approves what they wrote."""


def is_question(query: str) -> bool:
    """Whether a query is asked as a question."""
    return len(query) >= 4 and bool(_QUESTION.search(query))


# --- writing ----------------------------------------------------------------------------------------------------------
def checked_wordings(text: str) -> str:
    """Other wordings as they are kept, one a line. Raises ValueError with a Chinese sentence."""
    lines = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    if len(lines) > MOST_WORDINGS or any(len(line) > LONGEST_WORDING for line in lines):
        raise ValueError(
            _("其他问法最多 %(n)s 行，每行不超过 %(m)s 个字。") % {"n": MOST_WORDINGS, "m": LONGEST_WORDING}
        )
    return "\n".join(lines)


def save_answer(answer: Answer, *, actor: Any) -> Answer:
    """Keep what an editor wrote as a draft; an approved answer is left as it is and gets a draft that will take its place. What
    it cites is recorded as it reads today. Raises NoSource, NotPossible. Writes Answer, Reference, an audit line."""
    if answer.state in (_State.REPLACED, _State.WITHDRAWN):
        raise NotPossible(_("这条问答已不在使用，请新写一条。"))
    with transaction.atomic():
        if answer.pk and answer.state == _State.APPROVED:
            if Answer.objects.filter(replaces=answer.pk, state__in=(_State.DRAFT, _State.WAITING)).exists():
                raise NotPossible(_("这条问答已有一份修订草稿，请在草稿上继续。"))
            answer = Answer(
                **{name: getattr(answer, name) for name in _WRITTEN}, code=answer.code, replaces_id=answer.pk
            )
        targets = articles_cited(answer.sources, f"{answer.sources}\n{answer.text}")
        if not answer.sources.strip():
            raise NoSource
        answer.state, answer.author, answer.changed_at = _State.DRAFT, actor, now()
        answer.save()
        record(KIND, answer.uid, targets)
        was_looked_at(KIND, answer.uid)
        if answer.replaces is not None:
            was_looked_at(KIND, answer.replaces.uid)
        close_task(_task(answer))
        audit(actor, "answer.written", target_kind=KIND, target_uid=answer.uid)
    return answer


_WRITTEN = ("question", "wordings", "text", "sources", "owner_organisation", "audience", "secrecy")


def submit_answer(answer: Answer, *, actor: Any) -> None:
    """Ask for approval. Raises NotPossible. Writes Answer, Task, an audit line."""
    with transaction.atomic():
        _move(answer, (_State.DRAFT,), _State.WAITING, returned_because="")
        audit(actor, "answer.submitted", target_kind=KIND, target_uid=answer.uid)
        holders = Holders(APPROVE.code, answer.owner_organisation, except_user=answer.author)
        title = _("待审核的党务问答：%(question)s") % {"question": answer.question}
        open_task(_task(answer), holders, title[:200], _edit_address(answer))


def approve_answer(answer: Answer, *, actor: Any) -> None:
    """Publish an answer; what it replaces is taken out of use in the same moment. Raises NotPossible, OwnWork. Writes Answer, the
    search event, an audit line."""
    if answer.author_id == actor.pk:
        raise OwnWork
    with transaction.atomic():
        old = answer.replaces
        if old is not None:
            _move(old, (_State.APPROVED, _State.REPLACED), _State.REPLACED)
            content_changed(KIND, str(old.uid))
        _move(answer, (_State.WAITING,), _State.APPROVED, approved_by=actor, approved_at=now())
        content_changed(KIND, str(answer.uid))
        close_task(_task(answer))
        audit(actor, "answer.approved", target_kind=KIND, target_uid=answer.uid)


def return_answer(answer: Answer, *, reason: str, actor: Any) -> None:
    """Give a draft back to its author with a reason. Raises NotPossible. Writes Answer, a notice, an audit line."""
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise NotPossible(_("请写明退回的原因。"))
    with transaction.atomic():
        _move(answer, (_State.WAITING,), _State.DRAFT, returned_because=reason)
        close_task(_task(answer))
        audit(actor, "answer.returned", target_kind=KIND, target_uid=answer.uid)
        if answer.author is not None:
            title = _("党务问答被退回：%(question)s") % {"question": answer.question}
            key = f"answer.returned:{answer.uid}:{int(answer.changed_at.timestamp())}"
            notify(key, answer.author, title=title[:200], url=_edit_address(answer), text=reason)


def withdraw_answer(answer: Answer, *, actor: Any) -> None:
    """Take an approved answer, or a draft, out of use. Raises NotPossible. Writes Answer, the search event, an audit line."""
    with transaction.atomic():
        _move(answer, (_State.APPROVED, _State.DRAFT, _State.WAITING), _State.WITHDRAWN)
        record(KIND, answer.uid, {})
        was_looked_at(KIND, answer.uid)
        close_task(_task(answer))
        content_changed(KIND, str(answer.uid))
        audit(actor, "answer.withdrawn", target_kind=KIND, target_uid=answer.uid)


def _move(answer: Answer, allowed: Sequence[str], state: str, **fields: Any) -> None:
    held = Answer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if held.state not in allowed:
        raise NotPossible(_("这条问答现在是“%(state)s”，请刷新后再看。") % {"state": held.get_state_display()})
    for name, value in {"state": state, "changed_at": now(), **fields}.items():
        setattr(answer, name, value)
    answer.save(update_fields=["state", "changed_at", *fields])


def _task(answer: Answer) -> str:
    return f"answer.approve:{answer.uid}"


def _edit_address(answer: Answer) -> str:
    return reverse("answers:edit", args=[answer.pk])


# --- reading ----------------------------------------------------------------------------------------------------------
def visible_answers(viewer: Viewer) -> QuerySet[Answer]:
    """Approved answers that a viewer may see."""
    return Answer.objects.filter(visible_filter(viewer), state=_State.APPROVED)


def sources_of(answer: Answer, viewer: Viewer) -> list[Citation]:
    """The articles an answer rests on, as far as the viewer may see them."""
    return citations_of(KIND, answer.uid, viewer)


def likeness(query: str, wording: str) -> float:
    """How much two questions ask the same, 0 to 1: the share of characters and pairs that both hold, words of asking aside."""
    one, other = (collections.Counter(grams.index_tokens(_ASKING.sub(" ", text))) for text in (query, wording))
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def closest(query: str, found: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The one of some found answers that answers this question, None if none is like it enough. `found` are their rows as
    search keeps them: `title` is the question, `context` its other wordings."""
    best: tuple[float, Mapping[str, Any] | None] = (LEAST_LIKENESS, None)
    for row in found:
        value = max(likeness(query, wording) for wording in [row["title"], *row["context"].splitlines()] if wording)
        if value >= best[0] and (best[1] is None or value > best[0]):
            best = (value, row)
    return best[1]


# --- for search and references ----------------------------------------------------------------------------------------
def documents(uids: Sequence[str] | None) -> Iterator[SearchDocument]:
    """Approved answers as search documents."""
    rows = Answer.objects.filter(state=_State.APPROVED).select_related("owner_organisation").order_by("pk")
    if uids is not None:
        rows = rows.filter(uid__in=list(uids))
    listed = list(rows)
    tokens: dict[int, set[str]] = collections.defaultdict(set)
    for audience, token in AudienceToken.objects.filter(
        audience_id__in={row.audience_id for row in listed}
    ).values_list("audience_id", "token"):
        tokens[audience].add(token)
    for row in listed:
        approved_on = timezone.localdate(row.approved_at) if row.approved_at else None
        yield SearchDocument(
            uid=str(row.uid),
            group=str(row.uid),
            kind=KIND,
            type=KIND,
            title=row.question,
            body=row.text,
            context=row.wordings,
            url=reverse("finding:answer", args=[row.code]),
            tokens=frozenset(tokens[row.audience_id]),
            secrecy=row.secrecy,
            published=approved_on,
            facets={"unit": str(row.owner_organisation), "year": str(approved_on.year) if approved_on else ""},
        )


def resolve_answers(uids: Sequence[uuid.UUID], viewer: Viewer) -> Mapping[uuid.UUID, Cited]:
    """For `portal.references`: approved answers that the viewer may see."""
    rows = visible_answers(viewer).filter(uid__in=list(uids))
    return {row.uid: Cited(title=row.question, url=reverse("finding:answer", args=[row.code])) for row in rows}


def editors_of_answers(uids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Editable]:
    """For `portal.references`: who wrote an answer, or whoever writes answers for its organisation."""
    rows = Answer.objects.filter(uid__in=list(uids)).exclude(state__in=(_State.REPLACED, _State.WITHDRAWN))
    found: dict[uuid.UUID, Editable] = {}
    for row in rows.select_related("author", "owner_organisation"):
        author = row.author if row.author is not None and row.author.is_active else None
        if author is not None and not may(author, EDIT.code, row.owner_organisation):
            author = None
        found[row.uid] = Editable(
            row.question, _edit_address(row), author or Holders(EDIT.code, row.owner_organisation)
        )
    return found
