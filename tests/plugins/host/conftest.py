"""A place for plugins that only exist during a test."""

import dataclasses
from pathlib import Path

import pytest
from django.test import RequestFactory

from plugins.host import delivery, faults, registry
from plugins.host.discovery import Discovery, Found
from plugins.host.manifest import Manifest
from portal.ground import outbox
from tests.factories import make_user


@pytest.fixture(autouse=True)
def _fresh_breakers():
    faults.forget_breakers()
    yield
    faults.forget_breakers()


@pytest.fixture
def add_plugin(settings):
    """Take a plugin class into the registry as `slug`, bundled and on, until the test ends."""
    added, before = [], settings.PLUGINS_DISCOVERED

    def add(cls, slug="trial", *, origin="bundled", requires=None, reason=""):
        manifest = Manifest(slug, "试验", "Trial", "1.0.0", ">=1.0", requires or {}, "site")
        found = Found(slug, f"trial_{slug}", Path("/nowhere"), origin, manifest, reason)
        settings.PLUGINS_DISCOVERED = Discovery((*settings.PLUGINS_DISCOVERED.found, found))
        if reason:
            return None
        plugin = cls(slug, f"trial_{slug}", "1.0.0")
        registry.add_plugin(plugin)
        delivery.register_handlers_of_plugin(plugin)
        added.append(slug)
        return plugin

    yield add
    for slug in added:
        registry.remove_plugin(slug)
        for name in [name for name in outbox.consumers() if name.startswith(f"plugins.{slug}.")]:
            outbox.unregister_consumer(name)
    settings.PLUGINS_DISCOVERED = before


@pytest.fixture
def page():
    """A request for a page, by a plain user unless another is named."""

    def make(path="/", user=None):
        request = RequestFactory().get(path)
        request.user = user or make_user()
        return request

    return make


@dataclasses.dataclass
class Subject:
    uid: str = "x"
