"""Which plugins are on: a row a site, read once a request, changed without a restart."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Case, CharField, DateTimeField, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from wagtail.models import Site

from plugins.host import faults, labels, registry
from plugins.host.models import PluginFault, PluginState
from plugins.sdk import Plugin
from portal.ground.audit import audit
from portal.ground.clock import now
from portal.ground.generation import current_generation, raise_generation
from portal.ground.models import ContentGeneration
from portal.ground.outbox import emit
from portal.ground.rights import declare

MANAGE = declare("plugins.manage", "开关插件", "Switch plugins on and off").code
SWITCHED = "plugins.switched"
MAX_KEPT = 100
_BROKEN, _APPLIED = 2, 3
OLDER_THAN_TABLES = "数据表比代码新，请装回较新的版本 (its tables belong to a newer version: {names})"
WAITS_FOR_MIGRATION = "代码比数据表新，运行 manage.py migrate {slug} 之后才生效 (waits for its migrations: {names})"

_on: dict[tuple[int, str, str], frozenset[str]] = {}  # by generation, host and port
_present: ContextVar[HttpRequest | None] = ContextVar("plugins_present_request", default=None)


class CannotSwitch(ValueError):
    """The plugin is not loaded, or another one needs it; the message is for people."""


def default_site_id() -> int:
    """The site that answers when none is named; 0 before there is one."""
    return Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first() or 0


def site_id_of(request: HttpRequest | None) -> int:
    """The site a request is for."""
    site = Site.find_for_request(request) if request is not None else None
    return site.pk if site else default_site_id()


def notices() -> dict[str, str]:
    """Why loaded plugins stay inactive although they may be switched on, by slug: one query.

    One that is newer than its tables waits until `manage.py migrate` has run, one that is older until its newer version is back;
    every process asks again after each change of the content.
    """
    brought = _migrations_brought()
    return _held_back(brought, _applied(brought).values_list("app", "name")) if brought else {}


def notice_of(slug: str) -> str:
    """The same of one plugin; "" when nothing holds it back."""
    return notices().get(slug, "")


def _migrations_brought() -> dict[str, frozenset[str]]:
    brought = {p.slug: _migrations_in(str(p.folder)) for p in registry.found() if p.is_loaded}
    return {slug: names for slug, names in brought.items() if names}


def _applied(brought: Iterable[str]) -> QuerySet[Any]:
    return MigrationRecorder.Migration.objects.filter(app__in=list(brought))


def _held_back(brought: dict[str, frozenset[str]], applied: Iterable[tuple[str, str]]) -> dict[str, str]:
    run: dict[str, set[str]] = {slug: set() for slug in brought}
    for slug, name in applied:
        run[slug].add(name)
    found = {}
    for slug, names in brought.items():
        if lacking := sorted(names - run[slug]):
            found[slug] = WAITS_FOR_MIGRATION.format(slug=slug, names=", ".join(lacking))
        elif newer := sorted(name for name in run[slug] if name > max(names)):  # others may have been squashed
            found[slug] = OLDER_THAN_TABLES.format(names=", ".join(newer))
    return found


@functools.lru_cache(maxsize=256)
def _migrations_in(folder: str) -> frozenset[str]:
    return frozenset(path.stem for path in Path(folder).glob("migrations/*.py") if path.stem[0] not in "_~.")


def active_on_site(site_id: int) -> frozenset[str]:
    """Slugs of the loaded plugins that are on for a site: one query. One whose requirement is off, or whose tables are older
    than its code, is off too."""
    return _read(site_id)[0]


def read_site(site_id: int) -> frozenset[str]:
    """As `active_on_site`, and learns in the same query which points are left alone for now."""
    active, breakers = _read(site_id)
    faults.learn_open(breakers)
    return active


def _read(site_id: int) -> tuple[frozenset[str], dict[tuple[str, str], Any]]:
    """Switches, open breakers and applied migrations in one query."""
    nothing = Value(None, output_field=DateTimeField())
    brought = _migrations_brought()
    switches = PluginState.objects.filter(site_id=site_id, organisation_id__isnull=True).values_list(
        "slug", Case(When(enabled=True, then=1), default=0), Value("", output_field=CharField()), nothing
    )
    broken = PluginFault.objects.filter(open_until__gt=now()).values_list(
        "slug", Value(_BROKEN, output_field=IntegerField()), "point", "open_until"
    )
    applied = _applied(brought).values_list("app", Value(_APPLIED, output_field=IntegerField()), "name", nothing)
    switched: dict[str, bool] = {}
    breakers, names = {}, []
    for slug, kind, text, until in switches.union(broken, applied, all=True):
        if kind == _BROKEN:
            breakers[slug, text] = until
        elif kind == _APPLIED:
            names.append((slug, text))
        else:
            switched[slug] = bool(kind)
    return _settle(switched, _held_back(brought, names)), breakers


def _settle(switched: dict[str, bool], waiting: Iterable[str]) -> frozenset[str]:
    wanted = set()
    for candidate in registry.found():
        if candidate.is_loaded and switched.get(candidate.slug, candidate.origin == "bundled"):
            wanted.add(candidate.slug)
    wanted &= {plugin.slug for plugin in registry.plugins()}
    wanted -= set(waiting)
    while True:
        lacking = {slug for slug in wanted if not _requirements(slug) <= wanted}
        if not lacking:
            return frozenset(wanted)
        wanted -= lacking


def _requirements(slug: str) -> set[str]:
    manifest = registry.found_plugin(slug).manifest
    return set(manifest.requires) if manifest else set()


def ask_again(**_kwargs: Any) -> None:
    """After `migrate`: every process looks anew at what is on."""
    _on.clear()
    if ContentGeneration._meta.db_table in connection.introspection.table_names():
        raise_generation()


def active_slugs(request: HttpRequest) -> frozenset[str]:
    """Slugs of the plugins on for this request's site. Read anew after every change of the content, which switching is; else
    it is one query for the generation, which the page needs anyway."""
    cached: frozenset[str] | None = getattr(request, "_active_plugins", None)
    if cached is None:
        generation = getattr(request, "content_generation", None)
        if generation is None:
            generation = request.content_generation = current_generation()  # type: ignore[attr-defined]
        key = (generation, request.META.get("HTTP_HOST", ""), request.get_port())
        cached = _on.get(key)
        if cached is None:
            cached = read_site(site_id_of(request))
            if len(_on) >= MAX_KEPT:
                _on.clear()
            _on[key] = cached
        request._active_plugins = cached  # type: ignore[attr-defined]
    return cached


def active(request: HttpRequest) -> tuple[Plugin, ...]:
    """The plugins on for this request's site."""
    slugs = active_slugs(request)
    return tuple(plugin for plugin in registry.plugins() if plugin.slug in slugs)


def active_anywhere() -> frozenset[str]:
    """Slugs of the plugins that are on for at least one site; for what runs without a request."""
    site_ids = list(Site.objects.values_list("pk", flat=True)) or [0]
    switched: dict[int, dict[str, bool]] = {site_id: {} for site_id in site_ids}
    for site_id, slug, enabled in PluginState.objects.filter(organisation_id__isnull=True).values_list(
        "site_id", "slug", "enabled"
    ):
        if site_id in switched:
            switched[site_id][slug] = enabled
    waiting = notices()
    return frozenset().union(*(_settle(rows, waiting) for rows in switched.values()))


def active_here() -> frozenset[str]:
    """Slugs of the plugins that are on for the request that this thread is busy with, or anywhere outside of requests. For what
    is not told which request it serves: Wagtail's hooks and forms, the domain."""
    request = _present.get()
    return active_slugs(request) if request is not None else active_anywhere()


def off_here() -> frozenset[str]:
    """Slugs of the loaded plugins that are off for the request that this thread is busy with; none outside of requests."""
    request = _present.get()
    return frozenset(plugin.slug for plugin in registry.plugins()) - active_slugs(request) if request else frozenset()


def present_request() -> HttpRequest | None:
    """The request that this thread is busy with."""
    return _present.get()


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """While open, `active_here` answers for this request."""
    token = _present.set(request)
    try:
        yield
    finally:
        _present.reset(token)


def is_active(slug: str, request: Any = None) -> bool:
    """Whether a plugin is on for the site of `request`, or anywhere without one."""
    return slug in (active_slugs(request) if request is not None else active_anywhere())


def switch(slug: str, *, enabled: bool, site_id: int, actor: Any = None) -> PluginState:
    """Switch a plugin on or off for a site; every process sees it on its next request. Safe to repeat.

    Raises NoSuchPlugin, and CannotSwitch when the plugin is not loaded, waits for its migrations, lacks a requirement, or
    others that are on need it.
    Writes the row, an audit line and the event `plugins.switched`; raises the content generation.
    """
    candidate = registry.found_plugin(slug)
    reason = registry.reason_of(slug)
    if reason:
        raise CannotSwitch(f"插件 {slug} 没有载入：{reason}")
    on = active_on_site(site_id)
    if enabled:
        if notice := notice_of(slug):
            raise CannotSwitch(f"插件 {slug} 的{notice}")
        lacking = sorted(_requirements(slug) - on)
        if lacking:
            raise CannotSwitch(f"请先启用它需要的插件：{', '.join(lacking)}")
    else:
        needing = sorted(other for other in on if slug in _requirements(other))
        if needing:
            raise CannotSwitch(f"这些已启用的插件需要它，请先停用：{', '.join(needing)}")
    user = actor if getattr(actor, "pk", None) else None
    with transaction.atomic():
        row, _ = PluginState.objects.update_or_create(
            site_id=site_id,
            organisation_id=None,
            slug=slug,
            defaults={"enabled": enabled, "changed_by": user, "changed_at": now()},
        )
        labels.keep_labels()
        raise_generation()
        emit(SWITCHED, {"slug": slug, "site_id": site_id, "enabled": enabled})
        audit(
            user,
            "plugins.enable" if enabled else "plugins.disable",
            target_kind="plugin",
            target_uid=slug,
            site_id=site_id,
            version=candidate.manifest.version if candidate.manifest else "",
        )
    faults.forget_breakers()
    return row
