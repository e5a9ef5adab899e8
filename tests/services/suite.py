"""What `bin/test` runs once everything is installed: checks, then the tests on both sets of backends, then the browser.

`python -m tests.services.suite [fast|checks|sqlite|cluster|e2e|all|plugin FOLDER] [pytest options]`
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.services import servers

PROJECT_DIR = servers.PROJECT_DIR
PARTS = ("checks", "sqlite", "cluster", "e2e")
LIMIT_SECONDS = 25 * 60
WHOLE_PART_BYTES = 4 << 30  # what a whole part of the tests writes stays well below
TEMPLATE_FOLDERS = ("themes", "portal", "plugins", "search")


def say(text: str) -> None:
    """A headline in the output."""
    sys.stdout.write(f"\n━━ {text}\n")
    sys.stdout.flush()


class Suite:
    """Runs steps one after the other, goes on after a failure, and remembers it."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.results: list[tuple[str, bool, float]] = []
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name
            not in {"DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"}
        }
        self.environment["LINGHANG_DATA"] = str(scratch / "data")

    def step(self, name: str, command: Sequence[str], **extra: str) -> bool:
        """Run one command with the environment and what is `extra` in it; its output goes to the terminal as it comes."""
        say(f"{name}:  {shlex.join(command)}")
        began = time.monotonic()
        try:
            done = subprocess.run(
                _line(command), cwd=PROJECT_DIR, env={**self.environment, **extra}, timeout=LIMIT_SECONDS, check=False
            )
            passed = done.returncode == 0
        except subprocess.TimeoutExpired:
            sys.stdout.write(f"took longer than {LIMIT_SECONDS} s\n")
            passed = False
        self.results.append((name, passed, time.monotonic() - began))
        return passed

    @contextlib.contextmanager
    def meanwhile(self, name: str, command: Sequence[str], **extra: str) -> Iterator[None]:
        """Run one command beside the steps within; what it says is shown after theirs."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                _line(command),
                cwd=PROJECT_DIR,
                env={**self.environment, **extra},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            ended: list[float] = []
            watch = threading.Thread(target=lambda: (process.wait(), ended.append(time.monotonic())))
            watch.start()
            try:
                yield
                watch.join(max(0.0, began + LIMIT_SECONDS - time.monotonic()))
            finally:
                if process.poll() is None:
                    process.kill()
                watch.join()
            said.seek(0)
            say(f"{name}:  {shlex.join(command)}")
            sys.stdout.write(said.read().decode(errors="replace"))
        self.results.append((name, process.returncode == 0, ended[0] - began))

    def pytest(self, name: str, options: Sequence[str], **extra: str) -> bool:
        """Run pytest on what the options select."""
        return self.step(name, ["python", "-m", "pytest", "-q", *options], **extra)

    def checks(self) -> None:
        """Everything that is read and not run."""
        production = read_environment_file(PROJECT_DIR / "deploy" / "production.env.example")
        production["LINGHANG_DATA"] = str(self.scratch / "production-data")
        production["DJANGO_SETTINGS_MODULE"] = "portal.config.settings.production"
        with self.meanwhile("types", ["mypy", "portal", "plugins", "search", "media_pipeline"]):
            self.step("lint", ["ruff", "check", "."])
            self.step("format", ["ruff", "format", "--check", "."])
            self.step("layers", ["lint-imports"])
            self.step("templates", ["djlint", "--lint", "--quiet", *TEMPLATE_FOLDERS])
            self.step("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"])
            self.step("check", ["python", "manage.py", "check", "--fail-level", "WARNING"])
            self.step(
                "check --deploy", ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], **production
            )
            self.step("longest files and functions", ["python", "-m", "tests.architecture.longest"])

    def fast(self, options: Sequence[str]) -> None:
        """The inner loop."""
        with in_memory() as place:
            self.pytest("fast", ["-n", "2", "-m", "not slow and not cluster and not e2e", *options], **place)

    def sqlite(self, options: Sequence[str]) -> None:
        """SQLite, tantivy, local cache: the single machine."""
        with in_memory(WHOLE_PART_BYTES) as place:
            self.pytest(
                "tests on SQLite + tantivy",
                ["-n", "2", "--dist", "worksteal", "-m", "not cluster and not e2e", *options],
                **place,
            )

    def cluster(self, options: Sequence[str]) -> None:
        """PostgreSQL, Redis, Elasticsearch: the cluster."""
        say("starting PostgreSQL, Redis and Elasticsearch")
        with all_servers(self.scratch) as addresses, in_memory(WHOLE_PART_BYTES) as place:
            self.pytest(
                "tests on PostgreSQL + Redis + Elasticsearch",
                ["-n", "2", "--dist", "worksteal", "-m", "not e2e and not once", *options],
                **addresses,
                **place,
            )

    def e2e(self, options: Sequence[str]) -> None:
        """A real browser against a really started site."""
        self.pytest("end to end in Chromium", ["-m", "e2e", *options])

    def plugin(self, options: Sequence[str]) -> None:
        """One plugin that lies anywhere: everything that is asked of a bundled one."""
        folder = Path(options[0] if options else "").resolve()
        if not options or not (folder / "plugin.toml").is_file():
            say(f"there is no plugin.toml in {folder}")
            self.results.append(("plugin", False, 0.0))
            return
        place = {
            "PLUGINS_EXTERNAL": str(folder),
            "PLUGINS_STRICT": "1",
            "DJANGO_SETTINGS_MODULE": "portal.config.settings.test",
        }
        place["MYPYPATH"] = str(folder.parent)
        config = str(PROJECT_DIR / "pyproject.toml")
        own = ["--exclude", "migrations", "--config", config, "--config", f"src = [{json.dumps(str(folder.parent))}]"]
        quick = ["-p", "no:cacheprovider", "-p", "tests.conftest", "-c", config, "--rootdir", str(PROJECT_DIR)]
        with self.meanwhile("types", ["mypy", "--config-file", config, str(folder)], **place):
            self.step(
                "lint",
                ["ruff", "check", *own, "--extend-per-file-ignores", "test_*.py:S,test_*.py:PLC0415", str(folder)],
            )
            self.step("format", ["ruff", "format", "--check", *own, str(folder)])
            if (folder / "templates").is_dir():
                self.step(
                    "templates", ["djlint", "--configuration", config, "--lint", "--quiet", str(folder / "templates")]
                )
            with in_memory() as scratch:
                self.pytest("contract kit and own tests", [*quick, str(folder), *options[1:]], **place, **scratch)

    def finish(self) -> int:
        """Print one line a step; 0 when all passed."""
        say("summary")
        for name, passed, seconds in self.results:
            sys.stdout.write(f"  {'ok    ' if passed else 'FAILED'} {seconds:7.1f} s  {name}\n")
        sys.stdout.flush()
        return 0 if self.results and all(passed for _, passed, _ in self.results) else 1


def _line(command: Sequence[str]) -> list[str]:
    """The command with its program taken from this environment, where it has one."""
    program = Path(sys.executable).parent / command[0]
    return [str(program), *command[1:]] if program.exists() else list(command)


@contextlib.contextmanager
def all_servers(scratch: Path) -> Iterator[dict[str, str]]:
    """Start all services and give their addresses as environment variables."""
    with (
        servers.postgres(scratch) as database,
        servers.redis(scratch) as cache,
        servers.elasticsearch(scratch) as search,
    ):
        yield {"DATABASE_URL": database, "REDIS_URL": cache, "ELASTICSEARCH_URL": search}


@contextlib.contextmanager
def in_memory(wanted_bytes: int = 2 << 30) -> Iterator[dict[str, str]]:
    """Variables that let all that is written lie in memory until the end, because a database and an index wait for the disk at
    each commit; none on a machine with less room there than is wanted, or with less memory.
    """
    shared = Path("/dev/shm")
    room = shared.is_mount() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free >= wanted_bytes
    if not room or available_memory_bytes() < 2 * wanted_bytes:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="linghang-", dir=shared, ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # servers run as users of their own and must get through to their folders
        yield {"TMPDIR": folder, "LINGHANG_DATA": f"{folder}/data"}


def available_memory_bytes() -> int:
    """What new programs could use without swapping."""
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) * 1024


def read_environment_file(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file for systemd or compose."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def main(arguments: Sequence[str]) -> int:
    """Entry point: a part by name, or all of them."""
    part = arguments[0] if arguments and not arguments[0].startswith("-") else "all"
    options = list(arguments[1:] if arguments and arguments[0] == part else arguments)
    if part not in {"all", "fast", "plugin", *PARTS}:
        sys.stderr.write(f"bin/test knows: fast, {', '.join(PARTS)}, all, plugin FOLDER; not {part}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="linghang-test-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # the servers run as users of their own and must get through to their folders
        suite = Suite(Path(folder))
        try:
            for name in PARTS if part == "all" else (part,):
                step = getattr(suite, name)
                step() if name == "checks" else step(options)
        except servers.Missing as reason:
            sys.stderr.write(f"\n✗ {reason}\n")
            suite.results.append((str(reason), False, 0.0))
        return suite.finish()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
