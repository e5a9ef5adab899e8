"""Taking a plugin in: tried in a process of its own, named in the operator's list, its tables made, its files collected.

The process that runs this does not load the plugin; children do. Whoever serves pages loads it at the next start.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from plugins.host import discovery, state
from plugins.host.discovery import Found
from plugins.host.operator_list import OperatorList, read_list, write_list
from portal.ground.audit import audit

PROJECT_DIR = Path(__file__).resolve().parents[2]
CHILD_SECONDS = 600
RESTART = "重新启动后生效：bin/run 重开，或 systemctl restart 'linghang-*' (takes effect after a restart)"

Say = Callable[[str], None]


class CannotAdd(ValueError):
    """The plugin is not taken in; the message is for people. Nothing has changed."""


@dataclasses.dataclass(frozen=True)
class Added:
    """A plugin that was taken in. `steps` tell what was done, `next_steps` what the operator does now."""

    slug: str
    steps: tuple[str, ...]
    next_steps: tuple[str, ...]


def add(name: str, say: Say = lambda _line: None) -> Added:
    """Take in a plugin: an entry point's name, a folder, or the slug of a bundled one that was removed.

    Tries it together with those already loaded, writes the operator's list, runs its migrations, collects its static files.
    Raises CannotAdd and leaves everything as it was. Writes `plugins.json`, its tables, an audit line.
    """
    data_dir = Path(settings.DATA_DIR)
    before = read_list(data_dir)
    if before.problem:
        raise CannotAdd(before.problem)
    word, after = _decision(name, before)
    found = discovery.discover(
        data_dir=data_dir,
        external=settings.PLUGINS_EXTERNAL,
        decided=after,
        taken=settings.PLUGINS_TAKEN_LABELS,
        settings_module=settings.SETTINGS_MODULE,
    )
    plugin = _wanted(found.found, word)
    if plugin.reason:
        raise CannotAdd(f"{plugin.slug}: {plugin.reason}")
    steps = [_say(say, f"{plugin.slug} 试载入通过 (could be imported)")]
    write_list(data_dir, after)
    try:
        if any(plugin.folder.glob("migrations/[!_]*.py")):
            _child("migrate", plugin.slug, "--verbosity", "0")
            steps.append(_say(say, "数据表已建立 (its tables are there)"))
        if (plugin.folder / "static").is_dir():
            _child("collectstatic", "--noinput", "--verbosity", "0")
            steps.append(_say(say, "静态文件已收集 (static files collected)"))
    except ChildFailed as error:
        _undo(plugin, data_dir, before)
        raise CannotAdd(f"{plugin.slug}: {error}") from error
    audit(
        None,
        "plugins.add",
        target_kind="plugin",
        target_uid=plugin.slug,
        version=plugin.manifest and plugin.manifest.version,
    )
    state.ask_again()
    following = [RESTART]
    if plugin.origin == "external":
        following.append(f"然后启用 (then switch it on): manage.py plugins enable {plugin.slug}")
    return Added(plugin.slug, tuple(steps), tuple(following))


def _decision(name: str, before: OperatorList) -> tuple[str, OperatorList]:
    if name in before.removed:
        return name, before.without_removed(name)
    if os.sep in name or (Path(name) / "plugin.toml").is_file():
        name = str(Path(name).resolve())
    return name, before.with_external(name)


def _wanted(found: tuple[Found, ...], word: str) -> Found:
    for plugin in found:
        if plugin.named == word or (plugin.origin == "bundled" and plugin.slug == word):
            return plugin
    raise CannotAdd(f"没有找到插件 {word} (no such plugin)")


def _undo(plugin: Found, data_dir: Path, before: OperatorList) -> None:
    try:
        _child("migrate", plugin.slug, "zero", "--verbosity", "0")
    except ChildFailed:
        pass  # what is left stands in `plugins doctor`
    finally:
        write_list(data_dir, before)


class ChildFailed(RuntimeError):
    """A command in a child process ended with an error; the message is its last lines."""


def _child(*command: str) -> None:
    """Run a command of manage.py in a process that has the plugin loaded. Raises ChildFailed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment["PLUGINS_SAFE_MODE"] = "0"
    done = subprocess.run(  # noqa: S603 - our own interpreter and command
        [sys.executable, str(PROJECT_DIR / "manage.py"), *command],
        env=environment,
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"{command[0]}: {done.returncode}"]
        raise ChildFailed(f"manage.py {command[0]}: {lines[-1].strip()[:500]}")


def _say(say: Say, line: str) -> str:
    say(line)
    return line
