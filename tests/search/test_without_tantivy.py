"""A machine where no tantivy can be installed: everything of search is there, on SQLite's FTS5."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.search.test_evaluation import SUBJECTS, write_articles, write_questions

PROJECT_DIR = Path(__file__).resolve().parents[2]
PROGRAM = """
import importlib.machinery, json, os, pkgutil, sys
from pathlib import Path

class Without(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "tantivy" else super().find_spec(name, path, target)

sys.meta_path = [Without if one is importlib.machinery.PathFinder else one for one in sys.meta_path]
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.config.settings.test"
import django
django.setup()

import search
for module in pkgutil.walk_packages(search.__path__, "search."):
    if not module.name.startswith(("search.engines.embedded", "search.migrations")):
        importlib.import_module(module.name)
import benchmarks.search_data
from django.core.management import call_command
from portal.ground.suppliers import Viewer
from search.alerts import Watch, found_by
from search.engines import current_engine
from search.query import curation
from search.ranking import current
from tests.search.shelf import make

curation._supplier = current._asked = None  # no database here
folder = Path(sys.argv[1])
call_command("search_eval", articles=folder / "a.jsonl.gz", questions=folder / "q.jsonl", json=folder / "figures.json")
found = found_by([make("a", "党费收缴通知", "按月"), make("b", "运动会", "")], [Watch(1, "党费收缴")], lambda name: Viewer(frozenset({"public"}), 0))
(folder / "rest.json").write_text(json.dumps([
    current_engine().name, [row.key for row in found[1]], any(name.partition(".")[0] == "tantivy" for name in sys.modules)
]))
"""


@pytest.mark.once
@pytest.mark.slow
def test_search_without_tantivy_measures_alerts_and_answers(tmp_path):
    write_articles(tmp_path / "a.jsonl.gz")
    write_questions(tmp_path / "q.jsonl", [(f"{subject}归谁管", f"L{n}-2") for n, subject in enumerate(SUBJECTS)])

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=PROJECT_DIR, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads((tmp_path / "rest.json").read_text()) == ["portable", ["thing:a"], False]
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["engine"], figures["zero_hits"], figures["recall_at_100"]) == ("fts5", 0, 1.0)
