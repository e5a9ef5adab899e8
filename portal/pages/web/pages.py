"""Where readers come in: the home page, a page by its short code, the directory of branches."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse

from plugins.sdk.runtime import is_page_type_off
from portal.basepage.models import BasePage
from portal.ground.prepared import Prepared
from portal.ground.rights import open_to_all
from portal.ground.suppliers import Viewer, viewer_of
from portal.pages.domain.addresses import find_page
from portal.pages.domain.directory import directory_for
from portal.pages.frame import root_page_id
from portal.pages.models import BranchPage, HomePage


@open_to_all
def home(request: HttpRequest) -> HttpResponseBase:
    """The home page of the site; before one is set up, a page that says so."""
    found = root_page_id(request)
    page = _home_pages.first(viewer_of(request.user), pk=found) if found else None
    if page is None:
        return render(request, "pages/no_home.html")
    return _serve(request, page)


@Prepared
def _home_pages(viewer: Viewer, *, pk: int) -> Any:
    return HomePage.objects.visible_to(viewer).filter(pk=pk).order_by()[:1]


@open_to_all
def page(request: HttpRequest, short_code: str, slug: str = "") -> HttpResponseBase:
    """A page by its short code: one look-up. An old or misspelt slug leads to the right address for good; what this reader
    may not see is answered exactly as what does not exist."""
    root_page_id(request)  # the frame is needed in any case, and knows the site
    found = find_page(short_code, viewer_of(request.user))
    if found is None or found.depth <= 2 or is_page_type_off(type(found)):
        raise Http404
    if slug != found.slug:
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        return HttpResponsePermanentRedirect(f"{found.get_url()}{query}")
    return _serve(request, found)


@open_to_all
def branches(request: HttpRequest) -> HttpResponse:
    """The directory of party organisations."""
    return render(request, "pages/branches.html", {"places": directory_for(request.user)})


def _serve(request: Any, shown: BasePage) -> HttpResponseBase:
    request.shown_page_path = shown.path
    if isinstance(shown, BranchPage):
        request.shown_section_url = reverse("pages:branches")
    refused = shown.check_request_method(request)
    return refused if refused is not None else shown.serve(request)
