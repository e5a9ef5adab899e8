"""The tutorial works: its commands and files, one after the other, in an installation of its own."""

import os
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins import tutorial
from tests.plugins.lifecycle.machine import PROJECT_DIR, installation, pip


def test_tutorial_says_how_long_it_is():
    said = re.search(r"Author's part: (\d+) commands, (\d+) lines", tutorial.PAGE.read_text())

    assert said
    assert (int(said[1]), int(said[2])) == (len(tutorial.commands()), tutorial.author_lines())


@pytest.fixture
def shell(tmp_path):
    """Runs a block as the tutorial's reader does; `python` is this one, `pip` installs into a folder of the test."""
    site = tmp_path / "site-packages"
    programs = tmp_path / "bin"
    programs.mkdir()
    _program(programs / "python", f'exec "{sys.executable}" "$@"')
    here = f'--no-index --disable-pip-version-check --quiet --target "{site}"'
    _program(
        programs / "pip",
        f'word=$1; shift\n[ "$word" = install ] && set -- {here} "$@"\nexec {shlex.join(pip())} "$word" "$@"',
    )
    with installation(tmp_path / "data") as made:
        environment = {
            **made.environment,
            "HOME": str(tmp_path),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": f"{PROJECT_DIR}:{site}",
        }
        made.environment["PYTHONPATH"] = environment["PYTHONPATH"]

        def run(text):
            text = text.replace("bin/test ", "python -m tests.services.suite ")  # what it execs, without looking at apt
            done = subprocess.run(
                ["sh", "-e", "-c", text],
                cwd=PROJECT_DIR,
                env=environment,
                capture_output=True,
                text=True,
                timeout=400,
                check=False,
            )
            assert done.returncode == 0, f"{text}\n{(done.stdout + done.stderr)[-6000:]}"
            return done.stdout

        yield made, tmp_path / "plugins" / "linghang-daily" / "daily", run


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.once
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_tutorial_leads_from_nothing_to_a_published_plugin_and_away_again(shell):
    made, folder, run = shell
    before = made.rows()
    said = ""
    for step in tutorial.steps():
        if step.name:
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        if "remove daily" in step.text:
            assert _answered(made) == "1 200 答错了"
        said += run(step.text)

    assert "daily" in said
    assert list((folder.parents[1] / "dist").glob("linghang_daily-0.1.0-py3-none-any.whl"))
    assert made.rows().keys() == before.keys()


def _answered(made):
    """Somebody answers wrong on the page and looks at it; number of points rules, status, what it says."""
    return made.answer("""
        from django.test import Client
        from plugins.host import registry
        from tests.factories import make_branch, make_member, make_user
        from daily.models import Question
        Question.objects.create(stem="题", options="甲\\n乙", right=2)
        user = make_user("reader")
        make_member(make_branch(), user=user, stage="full")
        client = Client()
        client.force_login(user, backend="portal.accounts.backends.LoginHandleBackend")
        client.post("/p/daily/", {"chosen": "1"})
        page = client.get("/p/daily/")
        rules = [rule.code for slug, rule in registry.point_rules() if slug == "daily"]
        print("=", len(rules), page.status_code, "答错了" if "答错了" in page.content.decode() else page.content.decode()[:3000])
        """)
