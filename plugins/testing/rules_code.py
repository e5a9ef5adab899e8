"""Rules about the manifest and the code: readable as data, thin at import, nothing used but the API."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from plugins.host import registry
from plugins.host.manifest import read_manifest
from plugins.testing.base import ContractBase

NOT_FOR_PLUGINS = ("wagtail_hooks.py", "middleware.py", "context_processors.py")


class CodeRules(ContractBase):
    """The manifest, the class, the imports."""

    def test_manifest_is_valid_and_readable_without_importing_code(self) -> None:
        manifest = read_manifest(self._folder() / "plugin.toml")

        assert manifest.slug == self.plugin
        code = (
            "import sys\n"
            "from pathlib import Path\n"
            "from plugins.host.manifest import read_manifest\n"
            f"read_manifest(Path({str(self._folder() / 'plugin.toml')!r}))\n"
            f"print([name for name in sys.modules if name == 'django' or name.startswith({self._plugin().package!r})])\n"
        )
        assert _printed(code) == "[]"

    def test_every_dotted_path_resolves(self) -> None:
        registry.import_everything(self._plugin())

    def test_plugin_class_imports_no_models(self) -> None:
        package = self._plugin().package
        code = (
            "import sys, django\n"
            "from django.conf import settings\n"
            "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth', 'portal.ground'], USE_TZ=True)\n"
            "django.setup()\n"
            f"import {package}.plugin\n"
            f"own = {{'{package}.plugin', '{package}.events'}}\n"
            f"print([name for name in sys.modules if name.startswith('{package}.') and name not in own])\n"
        )

        assert _printed(code) == "[]"

    def test_code_imports_only_the_sdk_and_the_public_part_of_the_portal(self) -> None:
        own = ("plugins.sdk", "portal.public", self._plugin().package)
        foreign = {
            f"{path.relative_to(self._folder())}: {name}"
            for path in self._files("*.py")
            for name in _imported_names(path)
            if name.split(".")[0] in {"plugins", "portal", "search", "media_pipeline", "tests"}
            and not any(name == allowed or name.startswith(f"{allowed}.") for allowed in own)
        }

        assert foreign == set()

    def test_it_brings_no_hooks_or_middleware(self) -> None:
        """The host asks plugins; what works behind its back can be neither gated nor guarded."""
        assert [path.name for name in NOT_FOR_PLUGINS for path in self._files(name)] == []


def _printed(code: str) -> str:
    """What code prints in a process of its own that finds the same modules. Raises AssertionError with what it complained of."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def _imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
