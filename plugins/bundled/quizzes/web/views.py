"""Papers, taking one, and its result."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from plugins.bundled.quizzes.domain import queries, taking
from plugins.bundled.quizzes.models import Attempt, Paper
from plugins.sdk import needs, new_uid, open_to_all
from portal.public import facts

PER_PAGE = 20


@open_to_all
def papers(request: HttpRequest) -> HttpResponse:
    """The papers this person may see, each with how it stands."""
    page = Paginator(queries.papers_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    member = facts.member_of(request.user)
    states = queries.states_for(list(page), member.uid if member else None)
    return render(request, "quizzes/papers.html", {"page_obj": page, "states": states, "member": member})


@needs("quizzes.take")
def paper(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """A paper to take: GET shows the questions, POST hands them in."""
    found = get_object_or_404(queries.papers_for(request.user), uid=uid)
    member = facts.member_of(request.user)
    state = queries.states_for([found], member.uid if member else None)[0]
    context: dict[str, Any] = {"paper": found, "state": state, "member": member, "chosen": {}}
    if request.method == "POST" and member is not None:
        return _submit(request, found, member.uid, context)
    if member is not None and state.can_take:
        context.update(questions=_questions(found, {}), submission=new_uid())
    if member is not None:
        context["attempts"] = Attempt.objects.filter(paper=found, member_uid=member.uid).order_by("-number")
    return render(request, "quizzes/paper.html", context)


def _submit(request: HttpRequest, found: Paper, member_uid: uuid.UUID, context: dict[str, Any]) -> HttpResponse:
    chosen = {name[2:]: request.POST.getlist(name) for name in request.POST if name.startswith("q-")}
    try:
        submission = uuid.UUID(request.POST.get("submission", ""))
    except ValueError:
        submission = new_uid()
    try:
        attempt = taking.submit(paper=found, member_uid=member_uid, submission_uid=submission, chosen=chosen)
    except taking.CannotSubmit as refusal:
        context.update(
            refusal=_refusal_text(refusal), questions=_questions(found, chosen), submission=new_uid(), locked=True
        )
        return render(request, "quizzes/paper.html", context, status=409)
    return redirect("quizzes:result", uid=attempt.uid)


def _refusal_text(refusal: taking.CannotSubmit) -> str:
    if isinstance(refusal, taking.NotOpen):
        return _("考试还没有开始，答卷没有提交。请在开放时间内作答。")
    if isinstance(refusal, taking.Closed):
        return _("考试已经截止，这次的答卷没有计入。您填写的内容还在下面，可以留存。")
    if isinstance(refusal, taking.NoAttemptsLeft):
        return _("作答次数已经用完，这次的答卷没有计入。")
    return _("这份答卷先前已用别的答案提交过，先前的成绩有效。要重新作答，请从试卷页重新开始。")


def _questions(found: Paper, chosen: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"shown": question, "chosen": chosen.get(str(question.uid), [])} for question in queries.questions_shown(found)
    ]


@needs("quizzes.take")
def result(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The person's own graded paper; anybody else's is not there."""
    member = facts.member_of(request.user)
    if member is None:
        raise Http404
    attempt = get_object_or_404(Attempt.objects.select_related("paper"), uid=uid, member_uid=member.uid)
    with_key = queries.may_see_key(attempt)
    state = queries.states_for([attempt.paper], member.uid)[0]
    context = {
        "attempt": attempt,
        "lines": queries.result_lines(attempt, with_key=with_key),
        "with_key": with_key,
        "state": state,
    }
    return render(request, "quizzes/result.html", context)
