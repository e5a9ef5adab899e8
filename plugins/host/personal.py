"""What plugins hold about people, for the person's own download and for erasing. A plugin that is off holds its data still, so it
is asked all the same; one that could not be loaded is named as missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import connection

from plugins.host import faults, registry
from plugins.host.models import PluginState
from plugins.sdk import Erased, Person, PersonalData, Plugin, Table
from portal.ground.personal import Holder


class NotLoaded(Exception):
    """The plugin's tables are there and its code is not: nobody can tell what they hold."""


def holders() -> Iterator[Holder]:
    """A holder for each declaration of the loaded plugins, and one for each plugin whose tables nobody can read now."""
    for plugin in registry.plugins():
        for number, declared in enumerate(plugin.personal_data):
            yield _holder(plugin, declared, f"plugins.{plugin.slug}" + (f".{number + 1}" if number else ""))
    for slug in _left_behind():
        yield _unreadable(slug)


def _holder(plugin: Plugin, declared: PersonalData, name: str) -> Holder:
    def export(person: Person) -> Iterable[Table]:
        yield from plugin.load(declared.export)(person)

    def erase(person: Person) -> Erased:
        erased: Erased = plugin.load(declared.erase)(person)
        return erased

    def failed(what: str, error: Exception) -> None:
        faults.record(plugin.slug, f"personal:{what}", error)

    return Holder(name, declared.text, export, erase, failed)


def _left_behind() -> list[str]:
    """Slugs of plugins that are not loaded and have tables here: left out for a reason, or taken away with their data kept."""
    loaded = {plugin.slug for plugin in registry.plugins()}
    known = {found.slug for found in registry.found()}
    known |= set(PluginState.objects.values_list("slug", flat=True).distinct())
    if not known - loaded:
        return []
    tables = connection.introspection.table_names()
    return sorted(slug for slug in known - loaded if any(table.startswith(f"{slug}_") for table in tables))


def _unreadable(slug: str) -> Holder:
    def export(_person: Person) -> Iterable[Table]:
        raise NotLoaded(f"the plugin {slug} is not loaded, and its tables are there")

    def erase(_person: Person) -> Erased:
        raise NotLoaded(f"the plugin {slug} is not loaded, and its tables are there")

    manifest = next((found.manifest for found in registry.found() if found.slug == slug), None)
    return Holder(f"plugins.{slug}", manifest.name_zh if manifest else slug, export, erase)
