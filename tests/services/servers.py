"""PostgreSQL, Redis and Elasticsearch for the tests: on free loopback ports, data in a temporary folder, stopped at the end.

An address that the environment names already (`DATABASE_URL`, `REDIS_URL`, `ELASTICSEARCH_URL`) is used as it is.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
START_SECONDS = 60


class Missing(RuntimeError):
    """A service cannot be started; the message says what to install."""


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Ask ten times a second. Raises Missing when it never became true."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return
        time.sleep(0.1)
    raise Missing(f"{what} did not come up within {seconds:.0f} s")


def answers(port: int) -> bool:
    """Whether something listens on the loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _as_user(name: str) -> dict[str, object]:
    """What makes a child run as that user when we are root; servers refuse root, or should not have it."""
    if os.getuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def folder_for(base: Path, name: str, user: str) -> Path:
    """A folder that belongs to the user the server will run as."""
    folder = base / name
    folder.mkdir(mode=0o700)
    if os.getuid() == 0:
        owner = _as_user(user)
        os.chown(folder, owner["user"], owner["group"])  # type: ignore[arg-type]
    return folder


def _stop(process: subprocess.Popen[bytes], number: int, seconds: float = 20) -> None:
    process.send_signal(number)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres_programs() -> Path:
    """The folder of initdb and postgres; Debian keeps it off the PATH. Raises Missing."""

    def version(folder: Path) -> int:
        return int(match[1]) if (match := re.search(r"/(\d+)/bin$", str(folder))) else 0

    on_path = shutil.which("initdb")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version)
    if on_path:
        return Path(on_path).resolve().parent
    if not found:
        raise Missing("PostgreSQL is missing: apt-get install postgresql")
    return found[-1]


@contextlib.contextmanager
def postgres(base: Path) -> Iterator[str]:
    """A PostgreSQL server; gives the address of an empty database. Durability is off: the data is thrown away."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    programs, port = postgres_programs(), free_port()
    folder = folder_for(base, "postgres", "postgres")
    user = _as_user("postgres")
    subprocess.run(
        [
            programs / "initdb",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "linghang",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-D",
            folder / "data",
        ],
        check=True,
        capture_output=True,
        timeout=60,
        cwd=folder,
        **user,  # type: ignore[call-overload]
    )
    quick = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=128MB"]
    options = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *quick]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *(part for option in options for part in ("-c", option))],
            stdout=log,
            stderr=log,
            cwd=folder,
            process_group=0,
            **user,  # type: ignore[call-overload]
        )
    try:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "linghang"]
        wait_until(lambda: subprocess.run(ready, check=False, timeout=10).returncode == 0, "PostgreSQL")
        subprocess.run(
            [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "linghang", "linghang"],
            check=True,
            timeout=60,
        )
        yield f"postgres://linghang@127.0.0.1:{port}/linghang"
    finally:
        _stop(server, 2)  # SIGINT: fast shutdown


def start_redis(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A Redis without persistence on this port, its log in `folder`. Returns when it answers; raises Missing."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("Redis is missing: apt-get install redis-server")
    keep_nothing = ["--save", "", "--appendonly", "no"]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", *keep_nothing, "--dir", str(folder)]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, process_group=0, **_as_user("redis"))  # type: ignore[call-overload]
    try:
        wait_until(lambda: answers(port), "Redis")
    except Missing:
        _stop(server, 15)
        raise
    return server


@contextlib.contextmanager
def redis(base: Path) -> Iterator[str]:
    """A Redis server without persistence; gives its address (database 0)."""
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    port = free_port()
    server = start_redis(folder_for(base, "redis", "redis"), port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        _stop(server, 15)


@contextlib.contextmanager
def elasticsearch(base: Path) -> Iterator[str]:
    """One real Elasticsearch node (see `tests.services.elasticsearch`); gives its address."""
    if given := os.environ.get("ELASTICSEARCH_URL"):
        yield given
        return
    port = free_port()
    folder = base / "elasticsearch"
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.services.elasticsearch",
        "start",
        "--dir",
        str(folder),
        "--http-port",
        str(port),
    ]
    server = subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, process_group=0)
    try:
        address = server.stdout.readline().decode().strip() if server.stdout else ""  # ends when it is up or has failed
        if not address:
            raise Missing("Elasticsearch did not start (its reason is above); it needs default-jdk-headless and maven")
        yield address
    finally:
        _stop(server, 15, 40)
        if server.stdout:
            server.stdout.close()


@contextlib.contextmanager
def slapd(base: Path, entries: str, *, suffix: str, password: str) -> Iterator[str]:
    """An OpenLDAP server with the entries of an LDIF text below `suffix`; gives its address. Its reader is `cn=reader,SUFFIX`."""
    program = shutil.which("slapd") or "/usr/sbin/slapd"
    if not Path(program).exists():
        raise Missing("OpenLDAP is missing: apt-get install slapd")
    port, folder = free_port(), base / "slapd"
    (folder / "data").mkdir(parents=True)
    schemas = "\n".join(f"include /etc/ldap/schema/{name}.schema" for name in ("core", "cosine", "inetorgperson"))
    (folder / "slapd.conf").write_text(
        f"{schemas}\npidfile {folder}/pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"database mdb\nmaxsize 10485760\nsuffix {suffix}\nrootdn cn=reader,{suffix}\nrootpw {password}\n"
        f"directory {folder}/data\n"
    )
    (folder / "entries.ldif").write_text(entries)
    add = [program, "-T", "add", "-f", folder / "slapd.conf", "-l", folder / "entries.ldif"]
    subprocess.run(add, check=True, capture_output=True, timeout=60)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [program, "-f", folder / "slapd.conf", "-h", f"ldap://127.0.0.1:{port}", "-d", "0"],
            stdout=log,
            stderr=log,
            process_group=0,
        )
    try:
        wait_until(lambda: answers(port), "OpenLDAP")
        yield f"ldap://127.0.0.1:{port}"
    finally:
        _stop(server, 15)
