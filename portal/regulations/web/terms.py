"""The glossary of a text, with the corrections of those who look after it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.ground.clock import today
from portal.ground.rights import may, open_to_all
from portal.regulations.domain.citations.showing import label_of_path
from portal.regulations.domain.queries import published_versions
from portal.regulations.domain.status import version_to_show
from portal.regulations.domain.terms import BadTerm, define_by_hand, take_away, terms_of
from portal.regulations.models import DefinedTerm, RegulationVersion
from portal.regulations.web.about import about, crumbs, work_of


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def glossary(request: HttpRequest, code: str) -> HttpResponse:
    """The terms of the current version, or of `version`. Who may edit the work adds some and takes some away."""
    regulation = work_of(request, code)
    versions = published_versions(regulation)
    wanted = request.GET.get("version", "")
    shown = next((one for one in versions if one.key == wanted), None) or version_to_show(versions, today())
    if shown is None:
        raise Http404
    may_edit = may(request.user, "regulations.edit", regulation)
    if request.method == "POST":
        if not may_edit:
            raise Http404
        return _correct(request, shown)
    context = {
        **about(regulation, versions, shown, today()),
        "terms": [(term, label_of_path(term.path)) for term in terms_of(shown)],
        "may_edit": may_edit,
        "scopes": DefinedTerm.Scope.choices,
        "crumbs": crumbs(regulation, _("术语")),
    }
    return render(request, "regulations/terms.html", context)


def _correct(request: HttpRequest, shown: RegulationVersion) -> HttpResponse:
    asked = request.POST
    gone = asked.get("take_away", "")
    if gone:
        term = next((one for one in terms_of(shown) if str(one.uid) == gone), None)
        if term is not None:
            take_away(term, actor=request.user)
            messages.success(request, _("已移出术语表，重新识别也不会再加入。"))
    else:
        number = "".join(asked.get("article", "").split()).removeprefix("第").removesuffix("条")
        path = f"art{number}" if number.isascii() and number.isdigit() else asked.get("article", "").strip()[:120]
        try:
            define_by_hand(
                shown,
                path,
                asked.get("term", ""),
                asked.get("definition", "").replace("\r\n", "\n"),
                scope=asked.get("scope", ""),
                actor=request.user,
            )
        except BadTerm as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("已加入术语表。"))
    return redirect(f"{reverse('regulations:terms', args=[shown.regulation.code])}?version={shown.key}")
