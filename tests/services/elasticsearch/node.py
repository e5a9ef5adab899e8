"""Getting the server's jars, laying them out as the distribution does, starting nodes and stopping them.

What this server lacks, because its modules are not published: `GET /`, analysis-common, delete/update by query, reindex,
percolator, painless, mapper-extras. The search code uses none of them, which also keeps it portable.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT_DIR = HERE.parents[2]
DEFAULT_CACHE = PROJECT_DIR / "var" / "services" / "elasticsearch"
VERSION = re.search(r"<elasticsearch.version>([^<]+)<", (HERE / "pom.xml").read_text()).group(1)  # type: ignore[union-attr]
MODULE = "transport-netty4"
_MODULE_JARS = re.compile(r"(transport-netty4|netty-|elasticsearch-ssl-config).*\.jar")
QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For tests: half the start-up time, slower once warm. Leave it out to measure."""
_LOGGING = """\
status = error
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${sys:es.logs.base_path}/${sys:es.logs.cluster_name}.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
"""


class CannotStart(RuntimeError):
    """The server cannot be had or does not come up; the message says what to do."""


@dataclasses.dataclass
class Node:
    """One server process."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclasses.dataclass
class Cluster:
    """One node or three. `url` is that of the first."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        return self.nodes[0].url

    def stop(self) -> None:
        """Stop all nodes; those that do not go in 20 seconds are killed."""
        for node in self.nodes:
            node.process.terminate()
        deadline = time.monotonic() + 20
        for node in self.nodes:
            try:
                node.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait()
            if node.process.stdin:
                node.process.stdin.close()


def home(cache: Path = DEFAULT_CACHE) -> Path:
    """The server's folder, made by Maven on first use (about 41 MB) and kept in `cache`. Raises CannotStart."""
    finished = cache / VERSION
    if (finished / "classes" / "Launcher.class").exists():
        return finished
    for program, package in (("java", "default-jdk-headless"), ("javac", "default-jdk-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            raise CannotStart(f"{program} is missing: apt-get install {package}")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        made = Path(folder) / "home"
        _fetch(made / "lib")
        _lay_out(made)
        _compile(made)
        with contextlib.suppress(OSError):  # another process was faster
            made.rename(finished)
    return finished


def _fetch(lib: Path) -> None:
    command = [
        "mvn",
        "-B",
        "-q",
        "-f",
        str(HERE / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={lib}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise CannotStart(f"Maven could not get Elasticsearch {VERSION}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _lay_out(made: Path) -> None:
    module = made / "modules" / MODULE
    module.mkdir(parents=True)
    (made / "plugins").mkdir()
    for jar in (made / "lib").iterdir():
        if _MODULE_JARS.fullmatch(jar.name):
            jar.rename(module / jar.name)
    with zipfile.ZipFile(module / f"{MODULE}-{VERSION}.jar") as archive:
        for name in ("plugin-descriptor.properties", "entitlement-policy.yaml"):
            (module / name).write_bytes(archive.read(f"META-INF/es-plugins/{MODULE}/{name}"))


def _compile(made: Path) -> None:
    command = ["javac", "-cp", f"{made}/lib/*", "-d", str(made / "classes"), str(HERE / "Launcher.java")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise CannotStart(f"javac could not compile the launcher:\n{done.stderr[-2000:]}")


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    data_dir: Path,
    http_port: int = 0,
    *,
    nodes: int = 1,
    cache: Path = DEFAULT_CACHE,
    heap: str = "512m",
    jvm: tuple[str, ...] = QUICK_START,
    timeout_seconds: float = 120,
) -> Cluster:
    """Start a cluster of `nodes` on loopback with its data below `data_dir`, and wait until it is green.

    The first node answers at `http_port` (0: any free one). Raises CannotStart with the end of the log.
    """
    server = home(cache)
    ports = [http_port or free_port(), *(free_port() for _ in range(nodes - 1))]
    transports = [free_port() for _ in range(nodes)]
    cluster = Cluster([])
    try:
        for number in range(nodes):
            cluster.nodes.append(_start_node(server, data_dir, number, ports, transports, heap, jvm))
        _wait_until_green(cluster, timeout_seconds)
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _start_node(
    server: Path,
    data_dir: Path,
    number: int,
    ports: list[int],
    transports: list[int],
    heap: str,
    jvm: tuple[str, ...],
) -> Node:
    name = f"node-{number + 1}"
    folder = data_dir / name
    for part in ("config", "data", "logs", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    settings: dict[str, object] = {
        "cluster.name": "linghang-tests",
        "node.name": name,
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "network.host": "127.0.0.1",
        "http.port": ports[number],
        "transport.port": transports[number],
        "cluster.routing.allocation.disk.threshold_enabled": False,
    }
    if len(ports) == 1:
        settings["discovery.type"] = "single-node"
    else:
        settings["discovery.seed_hosts"] = [f"127.0.0.1:{port}" for port in transports]
        settings["cluster.initial_master_nodes"] = [f"node-{n + 1}" for n in range(len(ports))]
    config = folder / "config"
    config.joinpath("elasticsearch.yml").write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in settings.items()))
    config.joinpath("log4j2.properties").write_text(_LOGGING)
    log = folder / "logs" / "process.log"
    # javac works on the class path; to run it must be the module path, or the plugin loader finds no module descriptor.
    command = [
        "java",
        f"-Xms{heap}",
        f"-Xmx{heap}",
        *jvm,
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        "--module-path",
        str(server / "lib"),
        "--add-modules",
        "jdk.net,ALL-MODULE-PATH",
        "-cp",
        str(server / "classes"),
        "Launcher",
        str(server),
        str(config),
    ]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ES_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    return Node(name, f"http://127.0.0.1:{ports[number]}", process, log)


def _wait_until_green(cluster: Cluster, timeout_seconds: float) -> None:
    deadline = time.monotonic() + timeout_seconds
    wanted = f"_cluster/health?wait_for_status=green&wait_for_nodes=%3E%3D{len(cluster.nodes)}&timeout=5s"
    while time.monotonic() < deadline:
        for node in cluster.nodes:
            if node.process.poll() is not None:
                said = "".join(log.read_text(errors="replace")[-8000:] for log in sorted(node.log.parent.glob("*.log")))
                raise CannotStart(f"{node.name} ended:\n{said}")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{cluster.url}/{wanted}", timeout=10) as answer:
            if json.load(answer)["status"] == "green":
                return
        time.sleep(0.2)
    raise CannotStart(f"Elasticsearch is not green after {timeout_seconds} s; see {cluster.nodes[0].log.parent}")
