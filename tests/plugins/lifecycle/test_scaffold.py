"""What `startplugin` writes is a plugin as it stands: by its folder and as a distribution that pip installs."""

import os
import subprocess
import sys

import pytest

from plugins.host.leftovers import LASTING_TABLES
from plugins.host.scaffolding import CannotScaffold, write_plugin
from tests.plugins.lifecycle.machine import PROJECT_DIR, installation, pip

RUFF = [sys.executable, "-m", "ruff"]
CONFIG = str(PROJECT_DIR / "pyproject.toml")


@pytest.mark.parametrize("slug", ["zz", "memo", "a" * 31])
def test_scaffold_is_in_format_whatever_its_name(tmp_path, slug):
    folder = write_plugin(slug, tmp_path, name_zh="备忘", name_en="Memo", package=True)
    own = ["--config", CONFIG, "--config", f'src = ["{folder.parent}"]', str(folder)]

    for command in (["format", "--check"], ["check", "--extend-per-file-ignores", "test_*.py:S"]):
        done = subprocess.run([*RUFF, *command, *own], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not [path for path in folder.rglob("*") if path.is_file() and b"__slug__" in path.read_bytes()]
    assert (folder / "locale/en/LC_MESSAGES/django.mo").exists()


@pytest.mark.parametrize(
    ("slug", "names"), [("Bad", {}), ("admin", {}), ("class", {}), ("x", {}), ("ok", {"name_zh": 'a"b'})]
)
def test_scaffold_with_a_name_that_cannot_be_is_refused_and_writes_nothing(tmp_path, slug, names):
    with pytest.raises(CannotScaffold):
        write_plugin(slug, tmp_path, **names)
    assert list(tmp_path.iterdir()) == []


def test_scaffold_overwrites_nothing(tmp_path):
    write_plugin("memo", tmp_path)

    with pytest.raises(CannotScaffold, match="is there already"):
        write_plugin("memo", tmp_path)
    (tmp_path / "linghang-diary").mkdir()
    with pytest.raises(CannotScaffold, match="is there already"):
        write_plugin("diary", tmp_path, package=True)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_scaffold_passes_lint_types_templates_and_the_contract_kit_as_written(tmp_path):
    folder = write_plugin("memo", tmp_path, name_zh="备忘", name_en="Memo")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PLUGINS", "LINGHANG"))}

    done = subprocess.run(
        [sys.executable, "-m", "tests.services.suite", "plugin", str(folder)],
        cwd=PROJECT_DIR,
        env=kept,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_distribution_is_installed_by_pip_found_by_its_entry_point_used_and_purged_without_a_trace(tmp_path):
    home = tmp_path / "tests"  # wherever an author keeps it: only its own tests are left out of the wheel
    folder = write_plugin("memo", home, name_zh="备忘", name_en="Memo", package=True)
    site = tmp_path / "site-packages"
    here = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet", "--target", str(site)]
    subprocess.run(
        [*pip(), "install", "--disable-pip-version-check", *here, str(folder.parent)], check=True, timeout=120
    )
    assert (site / "memo/plugin.py").is_file()
    assert not (site / "memo/tests").exists()
    with installation(tmp_path / "data") as made:
        made.environment["PYTHONPATH"] = f"{PROJECT_DIR}:{site}"
        made.python(PREPARE)
        before = made.rows()

        assert "memo" not in made.manage("plugins", "list")
        made.manage("plugins", "add", "memo")
        made.manage("plugins", "enable", "memo")
        assert made.answer(USE) == "200 200 1 1 1"
        assert any("memo" in row for row in made.rows()["search_indexstate"])
        made.manage("plugins", "remove", "memo", "--purge")

        after = made.rows()
        told = {"ground_outboxentry", "ground_delivery"}  # audit lines on their way, and what the search heard
        changed = {table for table in after if after[table] != before.get(table)} - LASTING_TABLES - told
        changed = {
            table for table in changed if not table.startswith("points_")
        }  # another plugin gave points for the course
        assert changed <= {"ground_contentgeneration", "ground_job"}, changed
        assert after.keys() == before.keys()
        assert not [
            row
            for table in after.keys() - LASTING_TABLES
            for row in after[table]
            if "memo" in row and "audit.line" not in row
        ]
        assert "nothing found" in made.manage("plugins", "doctor")


# What the test itself needs in the core stands there before the plugin comes.
PREPARE = """
    from portal.public import facts
    facts.public_audience_id(), facts.members_audience_id()
    """
USE = """
    import uuid
    from django.apps import apps
    from django.db import transaction
    from django.test import Client
    from plugins.host import faults
    from plugins.sdk import publish
    from portal.ground.jobs import run_due_jobs
    from portal.public import facts
    from portal.public.events import CourseCompleted
    from search.indexing.changes import index_groups
    Note, Finished = (apps.get_model("memo", name) for name in ("Note", "FinishedCourse"))
    note = Note.objects.create(title="t", body="b", audience_id=facts.public_audience_id())
    with transaction.atomic():
        publish(CourseCompleted(member_uid=uuid.uuid4(), course_uid=uuid.uuid4()))
    run_due_jobs()
    index_groups("memo", [str(note.uid)])
    faults.record("memo", "slot:x", ValueError("boom"))
    client = Client()
    page, api = client.get(f"/p/memo/{note.uid}/"), client.get("/api/v1/p/memo/notes")
    print("=", page.status_code, api.status_code, api.json()["total"], Finished.objects.count(), Note.objects.count())
    """
