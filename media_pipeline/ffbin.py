"""Finding ffmpeg: the system's own first, else the one of the `imageio-ffmpeg` wheel, and what it can do."""

from __future__ import annotations

import dataclasses
import functools
import shutil
import subprocess

import imageio_ffmpeg


@dataclasses.dataclass(frozen=True)
class Tools:
    """`ffprobe` is empty where only the wheel is installed: it brings ffmpeg alone."""

    ffmpeg: str
    ffprobe: str
    version: str
    encoders: frozenset[str]
    filters: frozenset[str]


class ToolMissing(Exception):
    """No usable ffmpeg; the message says what to install."""


_INSTALL = "install ffmpeg with libx264 (Debian, Ubuntu: apt-get install ffmpeg) or the Python package imageio-ffmpeg"


def find_tools() -> Tools:
    """The ffmpeg to use. Raises ToolMissing when there is none or none that can encode H.264 and AAC."""
    refused = []
    for path in _candidates():
        try:
            tools = _inspect(path)
        except (OSError, subprocess.SubprocessError) as error:
            refused.append(f"{path} does not run ({error})")
            continue
        lacking = {"libx264", "aac"} - tools.encoders
        if not lacking:
            return tools
        refused.append(f"{path} lacks {', '.join(sorted(lacking))}")
    raise ToolMissing(f"no usable ffmpeg: {'; '.join(refused) or 'none found'}; {_INSTALL}")


def _candidates() -> list[str]:
    found = [shutil.which("ffmpeg")]
    try:
        found.append(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:  # a wheel without a binary for this machine
        found.append(None)
    return list(dict.fromkeys(path for path in found if path))


@functools.cache
def _inspect(path: str) -> Tools:
    def ask(*arguments: str) -> str:
        answer = subprocess.run(  # noqa: S603 - our own binary and fixed arguments
            [path, "-hide_banner", *arguments], capture_output=True, text=True, timeout=20, check=True
        )
        return answer.stdout

    version = ask("-version").split(maxsplit=3)[2]
    encoders = frozenset(line.split()[1] for line in ask("-encoders").splitlines() if _is_table_line(line))
    filters = frozenset(line.split()[1] for line in ask("-filters").splitlines() if len(line.split()) >= 3)
    beside = shutil.which("ffprobe") if path == shutil.which("ffmpeg") else None
    return Tools(path, beside or "", version, encoders, filters)


def _is_table_line(line: str) -> bool:
    words = line.split()
    return len(words) >= 2 and len(words[0]) == 6 and words[0][0] in "VAS"
