"""One's own page of the library, and keeping things: subscriptions, bookmarks, notes."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.ground.rights import signed_in
from portal.ground.suppliers import viewer_of
from portal.organisations.domain.rights import home_of
from portal.regulations.domain import following, keeping
from portal.regulations.domain.asking import questions_of
from portal.regulations.domain.queries import visible_article, visible_regulation
from portal.regulations.domain.since import changes_for, last_look
from portal.regulations.domain.since import looked as has_looked
from portal.regulations.models import Lineage, Regulation

View = Callable[[HttpRequest], HttpResponse]


def place_asked(request: HttpRequest) -> tuple[Regulation, Lineage | None]:
    """The work and article that a form names. Raises Http404 for what is absent or not for this reader."""
    work, article = request.POST.get("work", "")[:20], request.POST.get("article", "")[:20]
    viewer = viewer_of(request.user)
    if article:
        lineage = visible_article(viewer, work, article)
        if lineage is None:
            raise Http404
        return lineage.regulation, lineage
    regulation = visible_regulation(viewer, work)
    if regulation is None:
        raise Http404
    return regulation, None


def of_a_place(view: View) -> View:
    """Decorate a view of a form that names a work: one that names none leads to the library."""

    @functools.wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if not request.POST.get("work"):
            messages.error(request, _("请从法规或条文的页面提交。"))
            return redirect("regulations:list")
        return view(request)

    return checked


def back_to(regulation: Regulation, lineage: Lineage | None, anchor: str = "") -> HttpResponse:
    """The page from which a form was sent."""
    url = (
        reverse("regulations:article", args=[regulation.code, lineage.code])
        if lineage is not None
        else reverse("regulations:work", args=[regulation.code])
    )
    return redirect(url + (f"#{anchor}" if anchor else ""))


@require_safe
@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What changed, and all that the person keeps."""
    since = last_look(request.user)
    context = {
        "since": since,
        "changes": changes_for(request.user, since) if since else [],
        "subscriptions": following.subscriptions_of(request.user),
        "bookmarks": keeping.bookmarks_of(request.user),
        "notes": keeping.notes_of(request.user),
        "questions": questions_of(request.user),
        "home": home_of(request.user),
        "searches_url": _searches(),
        "crumbs": [
            {"label": _("法规制度"), "url": reverse("regulations:list")},
            {"label": _("我的法规"), "url": ""},
        ],
    }
    return render(request, "regulations/mine.html", context)


def _searches() -> str:
    """Where subscriptions to searches are kept, if the search of this portal has them."""
    try:
        return reverse("finding:saved")
    except NoReverseMatch:
        return ""


@require_POST
@signed_in
def looked(request: HttpRequest) -> HttpResponse:
    """All changes are seen."""
    has_looked(request.user)
    return redirect("regulations:mine")


@require_POST
@signed_in
def follow(request: HttpRequest) -> HttpResponse:
    """Follow an article or a work (`work`, `article`), or a topic (`level`, `words`)."""
    try:
        if request.POST.get("work"):
            regulation, lineage = place_asked(request)
            following.follow(request.user, regulation, lineage)
            messages.success(request, _("已订阅：有变更、废止或被新的文本引用时会通知您。"))
            return back_to(regulation, lineage)
        level, words = request.POST.get("level", ""), request.POST.get("words", "")
        following.follow_topic(request.user, level, words)
        messages.success(request, _("已订阅这个主题：有新的文本时会通知您。"))
    except following.NotFollowed as refusal:
        messages.error(request, str(refusal))
    chosen = {"level": request.POST.get("level", ""), "q": request.POST.get("words", "")[:60]}
    query = urlencode({name: value for name, value in chosen.items() if value})
    return redirect(reverse("regulations:list") + (f"?{query}" if query else ""))


@require_POST
@signed_in
def unfollow(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """End a subscription of one's own."""
    if not following.unfollow(request.user, uid):
        raise Http404
    messages.success(request, _("已取消订阅。"))
    if request.POST.get("work"):
        return back_to(*place_asked(request))
    return redirect("regulations:mine")


@require_POST
@signed_in
@of_a_place
def bookmark(request: HttpRequest) -> HttpResponse:
    """Set a bookmark; with `remove` take it away."""
    regulation, lineage = place_asked(request)
    wanted = not request.POST.get("remove")
    keeping.bookmark(request.user, regulation, lineage, wanted=wanted)
    messages.success(request, _("已加入书签。") if wanted else _("已移出书签。"))
    if request.POST.get("from") == "mine":
        return redirect("regulations:mine")
    return back_to(regulation, lineage)


@require_POST
@signed_in
@of_a_place
def note(request: HttpRequest) -> HttpResponse:
    """Keep a note."""
    regulation, lineage = place_asked(request)
    text, shared = request.POST.get("text", ""), bool(request.POST.get("shared"))
    try:
        keeping.write_note(request.user, regulation, lineage, text, shared=shared)
    except keeping.NotKept as refusal:
        return _again(request, str(refusal), text, shared, regulation, lineage)
    messages.success(request, _("笔记已保存。"))
    return back_to(regulation, lineage, "notes")


@require_POST
@signed_in
def change_note(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Change or delete (`remove`) one's own note."""
    found = keeping.own_note(request.user, uid)
    if found is None:
        raise Http404
    text, shared = request.POST.get("text", ""), bool(request.POST.get("shared"))
    if request.POST.get("remove"):
        keeping.delete_note(request.user, uid)
        messages.success(request, _("笔记已删除。"))
    else:
        try:
            keeping.write_note(request.user, found.regulation, found.lineage, text, shared=shared, uid=uid)
        except keeping.NotKept as refusal:
            return _again(request, str(refusal), text, shared, found.regulation, found.lineage, str(uid))
        messages.success(request, _("笔记已保存。"))
    if request.POST.get("from") == "mine" or visible_regulation(viewer_of(request.user), found.regulation.code) is None:
        return redirect("regulations:mine")
    return back_to(found.regulation, found.lineage, "notes")


def _again(
    request: HttpRequest,
    refusal: str,
    text: str,
    shared: bool,
    regulation: Regulation,
    lineage: Lineage | None,
    uid: str = "",
) -> HttpResponse:
    """The form with what was typed, so that a refused note is not lost."""
    context = {
        "refusal": refusal,
        "text": text,
        "shared": shared,
        "regulation": regulation,
        "lineage": lineage,
        "home": home_of(request.user),
        "action": reverse("regulations:change_note", args=[uid]) if uid else reverse("regulations:note"),
    }
    return render(request, "regulations/note.html", context, status=422)
