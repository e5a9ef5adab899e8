"""What stands around every page: the name, the navigation, the foot and the look that the site's settings choose.

Read once for a content generation, host, language and kind of reader, and kept in the memory of the process.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db.models import Q
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.models import Site

from plugins.host.render import menu_of
from portal.basepage.models import BasePage
from portal.ground.generation import current_generation
from portal.ground.prepared import Prepared
from portal.ground.rights import may
from portal.ground.suppliers import ANONYMOUS, Viewer, hidden_types, viewer_of
from portal.organisations.domain.audiences import visible_filter
from portal.pages.domain.front import columns_below
from portal.pages.domain.stories import facts_of, stories_of_rows
from portal.pages.models import SiteLink, SiteLook

MAX_KEPT = 200


@dataclasses.dataclass(frozen=True)
class Entry:
    """A link of the navigation or the foot. `current` marks where we are; `exact` that it is this very page."""

    label: str
    url: str
    current: bool = False
    exact: bool = False


@dataclasses.dataclass(frozen=True)
class Frame:
    """Everything that `base.html` shows besides the page itself."""

    name: str
    unit: str
    menu: tuple[Entry, ...]
    foot_links: tuple[Entry, ...]
    foot_line: str
    registration: str
    grey: bool
    home_url: str
    search_url: str
    login_url: str
    may_enter_admin: bool

    @property
    def menu_items(self) -> SafeString:
        """The entries of the navigation as list items; a theme that wants others goes through `menu`."""
        return mark_safe("".join(map(_list_item, self.menu)))  # noqa: S308 - each is escaped


@functools.lru_cache(maxsize=2000)
def _list_item(entry: Entry) -> SafeString:
    if not entry.current:
        return format_html('<li><a href="{}">{}</a></li>', entry.url, entry.label)
    current = "page" if entry.exact else "true"
    return format_html('<li><a href="{}" aria-current="{}">{}</a></li>', entry.url, current, entry.label)


@dataclasses.dataclass(frozen=True)
class _Kept:
    """The part of a frame that is the same on every page. Paths of pages let the navigation mark the section we are in."""

    site: Site | None
    look: SiteLook
    menu: tuple[tuple[Entry, str], ...]
    foot_links: tuple[Entry, ...]
    columns: list[dict[str, Any]] | None = None


_kept: dict[tuple[Any, ...], _Kept] = {}


def root_page_id(request: Any) -> int | None:
    """Primary key of the home page of the site that was asked for, None while there is no site."""
    site = _kept_for(request).site
    return site.root_page_id if site is not None else None


def frame_for(request: Any) -> Frame:
    """The frame of a page: three queries for the first page after a change, then none but the menu's own.

    Without a request (a page made outside of any) it is the default site's as an anonymous reader sees it.
    """
    kept = _kept_for(request)
    english = get_language() == "en"
    look = kept.look
    path = request.path if request is not None else ""
    home_url = reverse("pages:home")
    here = getattr(request, "shown_page_path", "")
    menu = [
        Entry(entry.label, entry.url, current=True, exact=entry.url == path)
        if entry.url == path or (tree_path and here.startswith(tree_path))
        else entry
        for entry, tree_path in kept.menu
    ]
    known = {entry.url for entry in menu}
    if request is not None and hasattr(request, "user"):
        offered = [item for item in menu_of(request, "main") if item.url not in known]
        section = getattr(request, "shown_section_url", None)
        menu += [
            Entry(item.label, item.url, item.is_current or item.url == section, item.url == path) for item in offered
        ]
    return Frame(
        name=(english and look.name_en) or look.name or settings.WAGTAIL_SITE_NAME,
        unit=(english and look.unit_en) or look.unit,
        menu=tuple(menu),
        foot_links=kept.foot_links,
        foot_line=look.foot_line,
        registration=look.registration,
        grey=look.is_grey_on(home=path == home_url),
        home_url=home_url,
        search_url=f"{home_url}search/",
        login_url=reverse("accounts:login"),
        may_enter_admin=may(getattr(request, "user", None), "admin.enter"),
    )


def _kept_for(request: Any) -> _Kept:
    generation = getattr(request, "content_generation", None)
    if generation is None:
        generation = current_generation()
        if request is not None:
            request.content_generation = generation
    host = _host_of(request)
    viewer = viewer_of(request.user) if hasattr(request, "user") else ANONYMOUS
    key = (generation, host, get_language(), viewer)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        kept = _kept[key] = _read(request, host, viewer)
    if request is not None and kept.site is not None:
        request._wagtail_site = kept.site  # where `Site.find_for_request` looks first
        if kept.columns is not None:
            request.columns_below = (kept.site.root_page.path, kept.columns)
    return kept


def _read(request: Any, host: tuple[str, int] | None, viewer: Viewer) -> _Kept:
    site = _site_at(host)
    if site is None:
        return _Kept(None, SiteLook(), (), ())
    if request is not None:
        request._wagtail_site = site  # so that which plugins are on is found without another query
    look = getattr(site, "sitelook", None) or SiteLook(site=site)
    english = get_language() == "en"
    menu: list[tuple[Entry, str]] = []
    foot: list[Entry] = []
    for link in _links(look, viewer):
        entry = Entry((english and link.label_en) or link.label, link.page.get_url() if link.page else link.path)
        if link.place == SiteLink.Place.MAIN:
            menu.append((entry, link.page.path if link.page and link.page.depth > 2 else ""))
        else:
            foot.append(entry)
    columns = None
    if not menu:
        columns = columns_below(viewer, site.root_page)
        menu = [(Entry(column.title, column.url), column.path) for column in stories_of_rows(columns)]
    home = Entry("Home" if english else "首页", reverse("pages:home"))
    if menu and menu[0][0].url != home.url:
        menu.insert(0, (home, ""))
    return _Kept(site, look, tuple(menu), tuple(foot), columns)


def _host_of(request: Any) -> tuple[str, int] | None:
    """Host and port that were asked for; None outside of a request, and for a host that is refused (its error page)."""
    try:
        return (split_domain_port(request.get_host())[0], int(request.get_port())) if request is not None else None
    except DisallowedHost:
        return None


def _site_at(host: tuple[str, int] | None) -> Site | None:
    """The site of a host as Wagtail finds it (host and port, host, default), with look and root page: one query."""
    sites = list(Site.objects.select_related("sitelook", "root_page"))
    default = next((site for site in sites if site.is_default_site), None)
    if host is None:
        return default
    same_host = [site for site in sites if site.hostname == host[0]]
    exact = next((site for site in same_host if site.port == host[1]), None)
    if exact is not None or default in same_host:
        return exact or default
    return same_host[0] if len(same_host) == 1 else default


def _links(look: SiteLook, viewer: Viewer) -> Any:
    if look.pk is None:
        return ()
    seen = Q(page__isnull=True) | (
        Q(page__live=True) & visible_filter(viewer, "page__") & ~Q(page__content_type__in=hidden_types())
    )
    return SiteLink.objects.filter(seen, look=look).select_related("page").order_by("sort_order")


def crumbs_of(page: BasePage, request: Any) -> list[Entry]:
    """The home page, the sections above that this reader may see, the page itself: one query."""
    viewer = viewer_of(getattr(request, "user", None))
    paths = [page.path[:length] for length in range(3 * page.steplen, len(page.path), page.steplen)]
    above = (
        stories_of_rows(_sections.rows(viewer, **{f"above{n}": path for n, path in enumerate(paths)})) if paths else ()
    )
    home = Entry("Home" if get_language() == "en" else "首页", reverse("pages:home"))
    return [
        home,
        *(Entry(section.title, section.url) for section in above),
        Entry(page.title, page.url or ""),
    ]


@Prepared
def _sections(viewer: Viewer, **above: str) -> Any:
    return facts_of(BasePage.objects.visible_to(viewer).filter(path__in=list(above.values())).order_by("path"))
