"""What stops a start is said in a sentence, with what to type."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.config.processes import preflight, supervisor, wake

PROJECT_DIR = Path(__file__).resolve().parents[3]


def refusal(*options: str) -> str:
    """What the program says when it refuses, as bin/run calls it."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.config.processes.preflight", *options],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_port_in_use_is_refused_with_another_one_to_type(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        said = refusal("--port", str(port), "--data", str(tmp_path), "--venv", str(tmp_path))

    assert f"端口 {port} 已被占用" in said
    assert f"bin/run --port {port + 1}" in said


@pytest.mark.parametrize("port", ["80x", "", "-1", "八千", "٨٠"])
def test_port_that_is_no_number_is_refused(tmp_path, port):
    assert "端口必须是数字" in refusal(f"--port={port}", "--data", str(tmp_path), "--venv", str(tmp_path))


@pytest.mark.parametrize("port", ["0", "65536", "99999999999999999999"])
def test_port_out_of_range_is_refused(tmp_path, port):
    assert "1 到 65535" in refusal("--port", port, "--data", str(tmp_path), "--venv", str(tmp_path))


def test_unknown_address_is_refused():
    with pytest.raises(preflight.Unready, match="无法识别监听地址"):
        preflight.check_port("no-such-host.invalid", 8000)


def test_data_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(preflight.Unready, match="无法写入数据目录"):
        preflight.check_data_dir(tmp_path / "file" / "data")


def test_data_folder_with_blanks_and_chinese_is_made(tmp_path):
    preflight.check_data_dir(tmp_path / "数据 目录")

    assert list((tmp_path / "数据 目录").iterdir()) == []


def test_full_disk_is_refused(tmp_path):
    with pytest.raises(preflight.Unready, match="磁盘空间不足"):
        preflight.check_disk(tmp_path / "not" / "yet", 10**9)


def test_second_supervisor_is_refused_with_the_number_of_the_first(tmp_path):
    descriptor = supervisor.only_one(tmp_path / "run")
    try:
        with pytest.raises(preflight.Unready, match=f"进程号 {os.getpid()}"):
            preflight.check_only_one(tmp_path)
        assert supervisor.only_one(tmp_path / "run") is None
    finally:
        os.close(descriptor)
    preflight.check_only_one(tmp_path)


def test_allowed_hosts_of_one_address_are_that_and_loopback():
    assert preflight.allowed_hosts("10.0.0.7") == ["localhost", "127.0.0.1", "[::1]", "10.0.0.7"]
    assert preflight.allowed_hosts("fd00::7")[-1] == "[fd00::7]"


def test_allowed_hosts_of_a_wildcard_name_this_machine():
    assert socket.gethostname() in preflight.allowed_hosts("0.0.0.0")
    assert "*" not in preflight.allowed_hosts("0.0.0.0")


def test_wake_socket_with_a_long_path_lies_in_the_temporary_folder(tmp_path):
    long = tmp_path / ("很长的目录" * 10) / "worker.sock"

    address = wake.address(long)

    assert len(os.fsencode(address)) <= wake.LONGEST_PATH_BYTES
    assert address == wake.address(long)
    assert address != wake.address(long.with_name("other.sock"))


def test_bell_wakes_the_ear_and_rings_are_taken_together(tmp_path):
    ear = wake.Ear(tmp_path / "w.sock")
    bell = wake.Bell(tmp_path / "w.sock")
    try:
        assert ear.wait(0.05) is False
        for _ in range(3):
            bell.ring()
        assert ear.wait(1) is True
        assert ear.wait(0.05) is False
    finally:
        ear.close()


def test_bell_without_an_ear_is_silent(tmp_path):
    wake.Bell(tmp_path / "nobody.sock").ring()


def test_bell_never_waits_for_an_ear_that_does_not_listen(tmp_path):
    ear = wake.Ear(tmp_path / "w.sock")
    try:
        for _ in range(2000):
            wake.Bell(tmp_path / "w.sock").ring()
    finally:
        ear.close()
