"""What would stop a start, said before it begins: data folder, disk, port, another instance. Standard library only,
because it runs before anything is installed."""

import argparse
import contextlib
import errno
import fcntl
import ipaddress
import os
import shutil
import socket
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024
INSTALL_MEGABYTES = 1500
DATA_MEGABYTES = 500


class Unready(Exception):
    """A reason not to start: a sentence, then lines that say what to type."""


def check_data_dir(folder: Path) -> None:
    """Make the folder and try to write in it. Raises Unready."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Unready(
            f"无法写入数据目录 {folder}：{error.strerror} (the data folder cannot be written)",
            "另选目录 / choose another:  bin/run --data ~/linghang-data",
            f"或改正权限 / or take it over:  sudo chown -R $(id -un) '{folder}'",
        ) from None


def check_disk(folder: Path, megabytes: int) -> None:
    """Look for free space. Raises Unready."""
    there = next(place for place in [folder, *folder.parents] if place.exists())
    free = shutil.disk_usage(there).free // MEGABYTE
    if free < megabytes:
        raise Unready(
            f"磁盘空间不足：{there} 剩余 {free} MB，需要 {megabytes} MB (not enough disk space)",
            "请清理磁盘，或另选数据目录 / free some, or choose another data folder:  bin/run --data DIR",
        )


def check_port(host: str, port: int) -> None:
    """Bind the port for a moment. Raises Unready when it is taken, forbidden, or the address is not ours."""
    if not 1 <= port <= 65535:
        raise Unready(f"端口必须在 1 到 65535 之间，不能是 {port} (no such port)", "bin/run --port 8000")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise Unready(f"无法识别监听地址 {host} (unknown address)", "bin/run --host 127.0.0.1") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise _port_refused(host, port, error) from None


def _port_refused(host: str, port: int, error: OSError) -> Unready:
    if error.errno == errno.EADDRINUSE:
        return Unready(
            f"端口 {port} 已被占用 (port {port} is in use)",
            f"换一个端口 / take another:  bin/run --port {port + 1 if port < 65535 else 8000}",
            f"查看占用者 / see who has it:  ss -ltnp 'sport = :{port}'",
        )
    if error.errno == errno.EACCES:
        return Unready(f"普通用户不能使用端口 {port} (port {port} needs root)", "bin/run --port 8000")
    return Unready(
        f"无法监听 {host}:{port}：{error.strerror} (cannot listen there)", "bin/run --host 127.0.0.1 --port 8000"
    )


def check_only_one(folder: Path) -> None:
    """Whether another supervisor holds the data folder. Raises Unready."""
    lock = folder / "run" / "supervisor.lock"
    if not lock.exists():
        return
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            number = file.read().strip()
            raise Unready(
                f"领航已在使用数据目录 {folder}，进程号 {number} (already running on this data folder)",
                f"停止它 / stop it:  kill {number}",
                "或另选数据目录 / or choose another:  bin/run --data DIR --port N",
            ) from None


def allowed_hosts(host: str) -> list[str]:
    """The names under which a browser may ask for this site: for a wildcard address all names and addresses of the machine."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        names += [socket.gethostname(), socket.getfqdn(), *_own_addresses()]
    else:
        names.append(f"[{host}]" if ":" in host else host)
    return list(dict.fromkeys(name for name in names if name))


def _own_addresses() -> list[str]:
    found: list[str] = []
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:  # connecting a datagram socket sends nothing
                probe.connect((elsewhere, 9))
                found.append(probe.getsockname()[0])
        except OSError:
            continue
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None)]
    plain = [address.partition("%")[0] for address in found]
    return [f"[{address}]" if ipaddress.ip_address(address).version == 6 else address for address in plain]


def main() -> int:
    """Entry point of `python -m portal.config.processes.preflight`."""
    parser = argparse.ArgumentParser(prog="preflight")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="8000")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--venv", type=Path)
    parser.add_argument("--allowed-hosts", action="store_true")
    options = parser.parse_args()
    if options.allowed_hosts:
        sys.stdout.write(",".join(allowed_hosts(options.host)) + "\n")
        return 0
    try:
        if not options.port.isascii() or not options.port.isdigit():
            raise Unready(f"端口必须是数字，不能是 {options.port} (the port must be a number)", "bin/run --port 8000")
        check_data_dir(options.data)
        check_only_one(options.data)
        check_port(options.host, int(options.port))
        if not (options.venv / "linghang-installed").exists():
            check_disk(options.venv, INSTALL_MEGABYTES)
        check_disk(options.data, DATA_MEGABYTES)
    except Unready as reason:
        sentence, *hints = reason.args
        sys.stderr.write("\n".join([f"\n✗ {sentence}", *(f"  {hint}" for hint in hints)]) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
