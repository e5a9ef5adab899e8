"""Deliberately broken plugins, written into a temporary folder as packages of their own."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path

MANIFEST = """
slug = "{slug}"
name = {{ zh = "试验", en = "Trial" }}
version = "1.0.0"
sdk = "{sdk}"
{extra}
"""
APPS = """
from django.apps import AppConfig


class Config(AppConfig):
    name = "{package}"
    label = "{slug}"
"""
PLUGIN = """
from plugins.sdk import Plugin


class Trial(Plugin):
    pass
"""


def write_plugin(
    top: Path,
    slug: str,
    *,
    extra: str = "",
    sdk: str = ">=1.0,<2",
    files: dict[str, str] | None = None,
    prefix: str = "",
) -> Path:
    """Write a small sound plugin `slug` below `top`, then the given files over it."""
    folder = top / slug
    folder.mkdir(parents=True)
    package = f"{prefix}.{slug}" if prefix else slug
    sound = {
        "plugin.toml": MANIFEST.format(slug=slug, sdk=sdk, extra=extra),
        "__init__.py": "",
        "apps.py": APPS.format(package=package, slug=slug),
        "plugin.py": PLUGIN,
    }
    for name, text in {**sound, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


@dataclasses.dataclass(frozen=True)
class Broken:
    """What is written over a sound plugin, and what the reason says."""

    reason: str
    files: dict[str, str] = dataclasses.field(default_factory=dict)
    sdk: str = ">=1.0,<2"
    extra: str = ""


def _declares(line: str) -> dict[str, str]:
    return {"plugin.py": f"from plugins.sdk import *\n\n\nclass Trial(Plugin):\n    {line}\n"}


_RAISES = "raise RuntimeError('{}')\n"
_MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = {}
"""
_MODEL = """
from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=-1)
"""

BROKEN = {
    "badmanifest": Broken("unknown key", extra="colour = 1"),
    "badsyntax": Broken("第 1 行有语法错误", {"models.py": "x = (\n"}),
    "unknownsdk": Broken("needs another SDK version", sdk=">=9.0"),
    "needsghost": Broken("required plugin ghost is missing", extra='requires = { ghost = ">=1.0" }'),
    "missingimport": Broken("No module named 'no_such_library'", {"models.py": "import no_such_library\n"}),
    "raising": Broken("at import", {"plugin.py": "raise RuntimeError('at import')\n"}),
    "leaving": Broken("process ended with this code", {"apps.py": "raise SystemExit(3)\n"}),
    "killing": Broken("ended the process", {"apps.py": "import os\n\nos._exit(0)\n"}),
    "crashing": Broken("-11", {"apps.py": "import os, signal\n\nos.kill(os.getpid(), signal.SIGSEGV)\n"}),
    "endless": Broken("not imported in time", {"apps.py": "while True:\n    pass\n"}),
    "sleeping": Broken("not imported in time", {"apps.py": "import time\n\ntime.sleep(600)\n"}),
    "hungry": Broken("MemoryError", {"plugin.py": "kept = bytearray(64 * 1024**3)\n"}),
    "classless": Broken("must define one subclass", {"plugin.py": "from plugins.sdk import Plugin\n"}),
    "wrongtypes": Broken("menu must hold MenuItem", _declares('menu = ("not an item",)')),
    "waiting": Broken("nobody calls on_enable", _declares("def on_enable(self, site): pass")),
    "misspelt": Broken("cardz is no declaration", _declares("cardz = ()")),
    "nowhere": Broken("nowhere", _declares('urls = ".nowhere"')),
    "tagging": Broken(
        "in a library of tags",
        {"templatetags/__init__.py": "", "templatetags/bad.py": _RAISES.format("in a library of tags")},
    ),
    "hooking": Broken("in the hooks", {"wagtail_hooks.py": _RAISES.format("in the hooks")}),
    "commanding": Broken(
        "before Django's own",
        {
            "management/__init__.py": "",
            "management/commands/__init__.py": "",
            "management/commands/migrate.py": "from django.core.management.commands.check import Command\n",
        },
    ),
    "unmigrated": Broken(
        "in a migration", {"migrations/__init__.py": "", "migrations/0001_initial.py": _RAISES.format("in a migration")}
    ),
    "lostparent": Broken(
        "nonexistent parent",
        {"migrations/__init__.py": "", "migrations/0001_initial.py": _MIGRATION.format('[("ghost", "0001")]')},
    ),
    "twoheads": Broken(
        "migrations that follow the same one",
        {
            "migrations/__init__.py": "",
            "migrations/0001_a.py": _MIGRATION.format("[]"),
            "migrations/0002_b.py": _MIGRATION.format('[("twoheads", "0001_a")]'),
            "migrations/0002_c.py": _MIGRATION.format('[("twoheads", "0001_a")]'),
        },
    ),
    "unchecked": Broken("fields.E121", {"models.py": _MODEL}),
    "thief": Broken('must be "thief"', _declares('search = (SearchSource("page", "页面", lambda uids: (), "Pages"),)')),
}
"""Every way to be broken at rest or while being imported; how a plugin fails later is in `tests/plugins/host/test_render.py`,
`test_delivery.py`, `test_gate.py` and `tests/plugins/lifecycle`."""
