"""Rules about the files themselves."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

PROJECT_DIR = Path(__file__).resolve().parents[2]
FOLDERS = ("portal", "plugins", "search", "media_pipeline", "benchmarks")
NO_DOCSTRING_NEEDED = {"__init__.py", "apps.py", "wagtail_hooks.py", "urls.py", "media_urls.py", "contributions.py"}


def sources() -> list[Path]:
    return [
        path
        for folder in FOLDERS
        for path in (PROJECT_DIR / folder).rglob("*.py")
        if "migrations" not in path.parts and "commands" not in path.parts and "scaffold" not in path.parts
    ]


def test_each_module_begins_with_what_it_is_for():
    silent = [
        str(path.relative_to(PROJECT_DIR))
        for path in sources()
        if path.name not in NO_DOCSTRING_NEEDED
        and path.stat().st_size
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]

    assert silent == []


def test_each_folder_of_tests_is_a_package():
    """Two test files of one name in folders without `__init__.py` hide each other."""
    bare = {
        str(path.parent.relative_to(PROJECT_DIR))
        for path in (PROJECT_DIR / "tests").rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }

    assert bare == set()


@pytest.mark.parametrize("name", ["bin/run", "bin/test", "bin/bench", "bin/install.sh", ".ci/run"])
def test_shell_script_is_posix(name):
    """dash is /bin/sh on Debian."""
    path = PROJECT_DIR / name
    text = path.read_text()

    assert subprocess.run(["/bin/sh", "-n", path], check=False, timeout=20).returncode == 0
    assert name == "bin/install.sh" or text.startswith("#!/bin/sh\n")
    assert re.findall(r"\[\[|\bfunction\b |\blocal\b |<\(", text) == []


def test_lock_names_no_host():
    for name in ("run.txt", "test.txt"):
        lock = (PROJECT_DIR / "requirements" / name).read_text()
        assert "://" not in lock
        unhashed = [
            line
            for line in lock.splitlines()
            if "==" in line and not line.startswith((" ", "#")) and not line.rstrip().endswith("\\")
        ]
        assert unhashed == []


def test_jobs_of_every_app_are_declared_when_the_site_starts():
    """A kind that no process declares is put back for ever, and a periodic one is never due."""
    forgotten = [
        path.parent.name
        for path in (PROJECT_DIR / "portal").glob("*/tasks.py")
        if not re.search(r"import .*\btasks\b", (path.parent / "apps.py").read_text())
    ]

    assert forgotten == []
