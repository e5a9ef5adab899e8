"""A person's to-dos."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from portal.ground.clock import today
from portal.ground.rights import signed_in
from portal.notices.domain.tasks import overdue, task_for, tasks_below, tasks_done_by, tasks_of, tasks_reached, tick_off
from portal.notices.kinds import declared_kinds
from portal.notices.web.views import PER_PAGE, label_of, tabs_for
from portal.organisations.models import Organisation, subtree_filter

LONGEST_CODE = 40
SHOWN = {"mine": tasks_of, "below": tasks_below, "all": tasks_reached, "done": tasks_done_by}


@signed_in
@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    """What the person has to do; `show=below` what others in the own subtrees have to do, `show=all` both, `show=done` what is
    closed; `due=overdue` only what is late, `kind=` one kind, `unit=` (a code) an organisation and those below it."""
    show = request.GET.get("show", "mine")
    if show not in SHOWN:
        show = "mine"
    late = request.GET.get("due") == "overdue" and show != "done"
    found = SHOWN[show](request.user)
    unit = _unit(request.GET.get("unit", ""))
    if unit is not None:
        found = found.filter(subtree_filter(unit.path, "organisation__path"))
    kind = next((one for one in declared_kinds() if one.code == request.GET.get("kind")), None)
    if kind is not None:
        found = found.filter(kind=kind.code)
    page = Paginator(overdue(found) if late else found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs_for(request),
        "page_obj": page,
        "tasks": [(task, label_of(task.kind)) for task in page.object_list],
        "show": show,
        "late": late,
        "unit": unit,
        "kind": kind,
        "today": today(),
    }
    return render(request, "notices/tasks.html", context)


def _unit(code: str) -> Organisation | None:
    """The organisation of a code, None for none. Whose tasks are shown is not decided by it."""
    return (
        Organisation.objects.filter(code=code).first()
        if code and len(code) <= LONGEST_CODE and "\0" not in code
        else None
    )


@signed_in
@require_GET
def open_one(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Go where the task is done. A task that is neither the person's nor in the own subtrees is absent."""
    task = task_for(request.user, uid)
    if task is None:
        raise Http404
    return redirect(task.url or "notices:tasks")


@signed_in
@require_POST
def done(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Tick a task off."""
    task = tick_off(request.user, uid)
    if task is None:
        raise Http404
    messages.success(request, _("已办结：%(title)s") % {"title": task.title})
    return redirect("notices:tasks")
