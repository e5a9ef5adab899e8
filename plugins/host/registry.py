"""What is loaded in this process: filled once, in `AppConfig.ready`, and never changed afterwards."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.conf import settings

from plugins.host import faults
from plugins.host.discovery import Discovery, Found
from plugins.host.sources import Source, source_of_app, source_of_plugin
from plugins.sdk import NoticeType, Plugin, PointRule, text_in_language
from plugins.sdk.runtime import RecordsOfPlugin
from portal.ground.rights import declare

log = logging.getLogger(__name__)

GiveRight = Callable[..., None]

_sources: dict[str, Source] = {}
_broken: dict[str, str] = {}
_give: GiveRight | None = None
_edition = 0


class NoSuchPlugin(LookupError):
    """No plugin with this slug was found."""


def set_right_giver(give: GiveRight) -> None:
    """Set the function (role, *codes) that gives plugins' rights to roles; `portal.config` knows who that is."""
    global _give
    _give = give


def discovery() -> Discovery:
    """What the settings found before Django started."""
    found: Discovery = settings.PLUGINS_DISCOVERED
    return found


def found() -> tuple[Found, ...]:
    """All plugins that lie there, loaded or not."""
    return discovery().found


def found_plugin(slug: str) -> Found:
    """One of them. Raises NoSuchPlugin."""
    for plugin in found():
        if plugin.slug == slug:
            return plugin
    raise NoSuchPlugin(slug)


def name_of(slug: str) -> str:
    """What people call a contributor, in the language of the request: a plugin by its manifest, a core app by its label."""
    manifest = next((plugin.manifest for plugin in found() if plugin.slug == slug), None)
    return text_in_language(manifest.name_zh, manifest.name_en) if manifest else slug


def reason_of(slug: str) -> str:
    """Why a plugin is not loaded; "" when it is."""
    return _broken.get(slug) or next((plugin.reason for plugin in found() if plugin.slug == slug), "")


def sources() -> tuple[Source, ...]:
    """All contributors: core apps first, then plugins."""
    return tuple(_sources.values())


def edition() -> int:
    """A number that changes with every plugin taken in or out, so that others may keep what they worked out."""
    return _edition


def plugins() -> tuple[Plugin, ...]:
    """The loaded plugins."""
    return tuple(source.plugin for source in _sources.values() if source.plugin)


def plugin(slug: str) -> Plugin:
    """A loaded plugin. Raises NoSuchPlugin."""
    source = _sources.get(slug)
    if source is None or source.plugin is None:
        raise NoSuchPlugin(slug)
    return source.plugin


def point_rules() -> Iterator[tuple[str, PointRule]]:
    """The point rules of all loaded plugins with the slug of each."""
    for declaring in plugins():
        for rule in declaring.points:
            yield declaring.slug, rule


def notice_types() -> Iterator[tuple[str, NoticeType]]:
    """The kinds of notices of all loaded plugins with the slug of each."""
    for source in sources():
        for declared in source.notice_types:
            yield source.name, declared


def exchange_records() -> Iterator[RecordsOfPlugin]:
    """The exchange records of all loaded plugins."""
    for source in sources():
        for declared in source.exchange:
            yield RecordsOfPlugin(source.name, declared, source.load, functools.partial(_failed_exchange, source.name))


def _failed_exchange(slug: str, what: str, error: BaseException) -> None:
    faults.record(slug, f"exchange:{what}", error)


def load_all() -> None:
    """Read the contributions of every core app and every plugin of the set. A core app that fails raises; a plugin that
    fails is recorded as broken and left out, or raises too under `PLUGINS_STRICT`."""
    _sources.clear()
    _broken.clear()
    by_package = {plugin.package: plugin for plugin in found() if plugin.is_loaded}
    for config in apps.get_app_configs():
        if config.name in by_package or not config.name.startswith(("portal.", "search", "media_pipeline")):
            continue
        if importlib.util.find_spec(f"{config.name}.contributions"):
            module = importlib.import_module(f"{config.name}.contributions")
            _keep(config.label, source_of_app(config.label, config.name, module))
    for candidate in by_package.values():
        try:
            add_plugin(make_plugin(candidate))
        except Exception as error:
            if settings.PLUGINS_STRICT:
                raise
            log.exception("plugin %s cannot be read", candidate.slug)
            _broken[candidate.slug] = f"plugin.py 不能使用 (cannot be used): {type(error).__name__}: {error}"


def make_plugin(candidate: Found) -> Plugin:
    """Import `<package>.plugin` and make its one Plugin. Raises whatever the import raises, and TypeError for none or two."""
    module = importlib.import_module(f"{candidate.package}.plugin")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Plugin) and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise TypeError(f"{candidate.package}.plugin must define one subclass of Plugin, it defines {len(classes)}")
    version = candidate.manifest.version if candidate.manifest else "0.0"
    made: Plugin = classes[0](candidate.slug, candidate.package, version)
    return made


def add_plugin(added: Plugin) -> Source:
    """Take a plugin into the registry and declare its rights. Raises TypeError or ValueError for bad declarations."""
    source = source_of_plugin(added)
    for item in added.search:
        if item.kind != added.slug and not item.kind.startswith(f"{added.slug}."):
            raise ValueError(f'the search kind "{item.kind}" must be "{added.slug}" or begin with "{added.slug}."')
    for records in source.exchange:
        if records.kind != added.slug and not records.kind.startswith(f"{added.slug}."):
            raise ValueError(f'the kind "{records.kind}" must be "{added.slug}" or begin with "{added.slug}."')
    for action, names in added.audit_labels.items():
        if not action.startswith(f"{added.slug}.") or len(action) > 100:
            raise ValueError(f'the action "{action}" must begin with "{added.slug}." and have at most 100 characters')
        if not isinstance(names, tuple) or len(names) != 2 or not all(0 < len(str(name)) <= 120 for name in names):
            raise TypeError(f"audit_labels: {action} needs its Chinese and its English name")
    for permission in added.permissions:
        declare(added.right(permission.code), permission.label, permission.label_en)
        for role in permission.roles:
            if _give:
                _give(role, added.right(permission.code))
    _keep(added.slug, source)
    return source


def _keep(name: str, source: Source) -> None:
    global _edition
    _sources[name] = source
    _edition += 1


def remove_plugin(slug: str) -> None:
    """Take a plugin out of the registry again; for tests."""
    global _edition
    _sources.pop(slug, None)
    _edition += 1


def import_everything(checked: Plugin) -> None:
    """Resolve every dotted path a plugin declares. Raises what the first failing import raises."""
    targets: list[Any] = [checked.urls, checked.api, checked.admin, checked.demo]
    targets += [card.data for card in checked.cards]
    targets += [slot.data for slot in checked.slots]
    targets += [item.documents for item in checked.search]
    targets += [item.run for item in checked.tasks]
    targets += [item.values for item in checked.page_columns]
    targets += [item.url for item in checked.page_actions]
    targets += [item.value for item in checked.tiles]
    targets += [item.check for item in checked.validators]
    targets += [*checked.blocks.values(), *(item.model for item in checked.page_types), checked.api]
    targets += [target for item in checked.personal_data for target in (item.export, item.erase)]
    for records in checked.exchange:
        targets += [records.export, records.load, records.check, *records.upgrades.values()]
    if checked.settings_form:
        targets.append(checked.settings_form.form)
    for target in targets:
        if target:
            checked.load(target)
