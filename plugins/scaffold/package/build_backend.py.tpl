"""Makes the wheel of this distribution: the package with its data files and its entry points. PEP 517, standard library only."""

from __future__ import annotations

import base64
import hashlib
import tomllib
import zipfile
from pathlib import Path

TOP = Path(__file__).resolve().parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}"
LEFT_OUT = {"__pycache__", "tests"}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Write the wheel; its file name."""
    package = next(iter(PROJECT["entry-points"]["linghang.plugins"].values()))
    files = {
        path.relative_to(TOP).as_posix(): path.read_bytes()
        for path in sorted((TOP / package).rglob("*"))
        if path.is_file() and not LEFT_OUT & set(path.relative_to(TOP).parts)
    }
    return _write(wheel_directory, files)


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """Write a wheel that points here; its file name."""
    return _write(wheel_directory, {f"{NAME}.pth": f"{TOP}\n".encode()})


def _write(wheel_directory, files):
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in PROJECT["entry-points"].items()
    )
    metadata = (
        f"Metadata-Version: 2.1\nName: {PROJECT['name']}\nVersion: {PROJECT['version']}\n"
        f"Summary: {PROJECT['description']}\nRequires-Python: {PROJECT['requires-python']}\n"
    )
    wheel = "Wheel-Version: 1.0\nGenerator: linghang\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    info = f"{NAME}.dist-info"
    files |= {
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": wheel.encode(),
        f"{info}/entry_points.txt": points.encode(),
    }
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    target = Path(wheel_directory) / f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return target.name


def _digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
