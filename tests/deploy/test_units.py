"""The systemd units: as systemd reads them, and closed as far as Linghang needs nothing more."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
UNITS = sorted((PROJECT_DIR / "deploy" / "systemd").glob("*.service"))
CLOSED = {
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_closed_but_for_the_data_folder(unit):
    lines = set(unit.read_text().splitlines())

    assert lines >= CLOSED
    assert {line for line in lines if line.startswith("ReadWritePaths=")} <= {
        "ReadWritePaths=/var/lib/linghang",
        "ReadWritePaths=/var/lib/linghang -/opt/linghang/.venv",  # bin/run installs what a new lock asks for
    }
    assert "User=linghang" in lines


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_understood_by_systemd(unit, tmp_path):
    text = unit.read_text()
    for theirs, ours in (
        ("/opt/linghang/.venv/bin/python", sys.executable),
        ("/opt/linghang", str(PROJECT_DIR)),
        ("User=linghang", "User=root"),
        ("Group=linghang", "Group=root"),
    ):
        text = text.replace(theirs, ours)
    copy = tmp_path / unit.name
    copy.write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr.strip()) == (0, "")
