"""What plugins and core apps may ask the host while running. The host fills it; until then nothing is active."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from plugins.sdk.declarations import ExchangeRecords, NoticeType, PointRule
from plugins.sdk.declarations.checks import Action
from plugins.sdk.plugin import Plugin


def _nothing(*_asked: Any) -> tuple[()]:
    return ()


def _no_objection(_action: Action, _subject: Any, _user: Any) -> None:
    return None


def _no_settings(_slug: str, _request: Any) -> Mapping[str, Any]:
    return {}


@dataclasses.dataclass(frozen=True)
class RecordsOfPlugin:
    """Exchange records of a plugin: `load` gives what a dotted path of it names, `failed(what, error)` records a fault."""

    slug: str
    declared: ExchangeRecords
    load: Callable[[Any], Any]
    failed: Callable[[str, BaseException], None]


def _no_edition() -> int:
    return 0


def _not_off(_page_type: type) -> bool:
    return False


@dataclasses.dataclass(frozen=True)
class Host:
    """What the host answers. Each is called anew for every question."""

    is_active: Callable[[str, Any], bool]
    active_slugs: Callable[[], frozenset[str]]
    active_here: Callable[[], frozenset[str]] = frozenset
    off_here: Callable[[], frozenset[str]] = frozenset
    point_rules: Callable[[], Iterable[tuple[str, PointRule]]] = _nothing
    notice_types: Callable[[], Iterable[tuple[str, NoticeType]]] = _nothing
    exchange_records: Callable[[], Iterable[RecordsOfPlugin]] = _nothing
    ask_validators: Callable[[Action, Any, Any], None] = _no_objection
    settings_of: Callable[[str, Any], Mapping[str, Any]] = _no_settings
    audit_labels: Callable[[], Mapping[str, tuple[str, str]]] = dict
    edition: Callable[[], int] = _no_edition
    blocks: Callable[[], Mapping[str, Any]] = dict
    blocks_off: Callable[[], frozenset[str]] = frozenset
    is_page_type_off: Callable[[type], bool] = _not_off
    page_search_types: Callable[[], tuple[str, ...]] = _nothing


_host: Host | None = None


def set_host(host: Host) -> None:
    """Set by the host, once."""
    global _host
    _host = host


def is_active(slug: str, request: Any = None) -> bool:
    """Whether a plugin is switched on for the site of `request`, or on any site without a request."""
    return _host.is_active(slug, request) if _host else False


def active_slugs() -> frozenset[str]:
    """The slugs of all plugins that are on for at least one site."""
    return _host.active_slugs() if _host else frozenset()


def active_here() -> frozenset[str]:
    """The slugs of the plugins that are on for the request that this thread answers, or anywhere outside of requests."""
    return _host.active_here() if _host else frozenset()


def off_here() -> frozenset[str]:
    """The slugs of the loaded plugins that are off for the request that this thread answers; none outside of requests."""
    return _host.off_here() if _host else frozenset()


def point_rules() -> tuple[tuple[str, PointRule], ...]:
    """The point rules of all loaded plugins, each with the slug of its plugin."""
    return tuple(_host.point_rules()) if _host else ()


def notice_types() -> tuple[tuple[str, NoticeType], ...]:
    """The kinds of notices of all loaded plugins, each with the slug of its plugin."""
    return tuple(_host.notice_types()) if _host else ()


def exchange_records() -> tuple[RecordsOfPlugin, ...]:
    """The exchange records of all loaded plugins."""
    return tuple(_host.exchange_records()) if _host else ()


def ask_validators(action: Action, subject: Any, user: Any = None) -> None:
    """Ask the validators of all active plugins, before `action` is done to `subject`. For core apps.

    Raises `Refusal` with a sentence for the person. Writes nothing but faults.
    """
    if _host:
        _host.ask_validators(action, subject, user)


def settings_of(plugin: Plugin | str, request: Any = None) -> Mapping[str, Any]:
    """The settings of a plugin (or of the one with this slug) for the site of `request`, or for the default site without one:
    what was saved last, and the form's initial values for what never was. One query; none once read in a request."""
    slug = plugin if isinstance(plugin, str) else plugin.slug
    return _host.settings_of(slug, request) if _host else {}


def audit_labels() -> Mapping[str, tuple[str, str]]:
    """Chinese and English name of the actions of plugins in the audit trail, also of those that are gone: one query."""
    return _host.audit_labels() if _host else {}


def edition() -> int:
    """A number that changes with every plugin taken in or out."""
    return _host.edition() if _host else 0


def blocks() -> Mapping[str, Any]:
    """The guarded blocks of all loaded plugins, by what they are called in the data. For fields of the core."""
    return _host.blocks() if _host else {}


def blocks_off() -> frozenset[str]:
    """Which of them belong to plugins that are off for the site of the request being served."""
    return _host.blocks_off() if _host else frozenset()


def is_page_type_off(page_type: type) -> bool:
    """Whether a page type belongs to a plugin that is off for the site of the request being served."""
    return _host.is_page_type_off(page_type) if _host else False


def page_search_types() -> tuple[str, ...]:
    """The search types of the page types of all loaded plugins that lists of pages show. Which pages a reader sees of them,
    `BasePage.objects.visible_to` tells."""
    return _host.page_search_types() if _host else ()
