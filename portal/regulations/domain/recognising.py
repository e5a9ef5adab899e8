"""Text recognition for scans, by a program that the operator names. Off unless REGULATIONS_OCR_COMMAND is set.

The program gets the path of the PDF in the place of `{file}` and writes UTF-8 text to its standard output, pages parted by a form
feed. It is started without a shell.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import Protocol

from django.conf import settings

MOST_CHARACTERS = 5_000_000


class RecognitionFailed(Exception):
    """The program is not there, failed, took too long or found nothing; `str()` is a Chinese sentence."""


class Recogniser(Protocol):
    """What turns a scanned PDF into the text of its pages."""

    def pages(self, data: bytes) -> list[str]:
        """The text of each page. Raises RecognitionFailed."""
        ...


class CommandRecogniser:
    """A program on this machine. `seconds` is how long it may take."""

    def __init__(self, command: str, seconds: int) -> None:
        self._command, self._seconds = command, seconds

    def pages(self, data: bytes) -> list[str]:
        """The text of each page. Raises RecognitionFailed."""
        with tempfile.TemporaryDirectory(prefix="linghang-ocr-") as folder:
            file = Path(folder) / "scan.pdf"
            file.write_bytes(data)
            try:
                words = [part.replace("{file}", str(file)) for part in shlex.split(self._command)]
            except ValueError as error:
                raise RecognitionFailed("文字识别程序的命令写法有误，请联系系统管理员。") from error
            if not any(str(file) in word for word in words):
                words.append(str(file))
            try:
                done = subprocess.run(  # noqa: S603 - the operator names the program; no shell
                    words, stdin=subprocess.DEVNULL, capture_output=True, timeout=self._seconds, check=False, cwd=folder
                )
            except subprocess.TimeoutExpired as error:
                raise RecognitionFailed(f"文字识别超过 {self._seconds} 秒没有完成，请拆分文件后再试。") from error
            except OSError as error:
                raise RecognitionFailed("文字识别程序无法运行，请联系系统管理员。") from error
        if done.returncode:
            raise RecognitionFailed(f"文字识别程序没有成功（返回 {done.returncode}），请联系系统管理员。")
        text = done.stdout.decode("utf-8", errors="replace")[:MOST_CHARACTERS]
        if not text.strip():
            raise RecognitionFailed("文字识别没有认出任何文字，请检查扫描是否清楚。")
        return text.split("\f")


def recogniser() -> Recogniser | None:
    """The one that the operator set up, or None."""
    command = settings.REGULATIONS_OCR_COMMAND.strip()
    return CommandRecogniser(command, settings.REGULATIONS_OCR_SECONDS) if command else None
