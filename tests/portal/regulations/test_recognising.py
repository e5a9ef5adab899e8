"""Scans: read by a program that the operator names, never silently."""

import shlex
import sys
from pathlib import Path

import pytest

from portal.regulations.domain.exporting import fonts
from portal.regulations.domain.parsing import UnreadableSource, parse
from portal.regulations.domain.sources import text_of
from tests.portal.regulations.makers import LONG
from tests.portal.regulations.test_sources import _pdf as pdf_of

READS = """
import sys
data = open(sys.argv[1], "rb").read()
assert data.startswith(b"%PDF-")
sys.stdout.buffer.write("检修作业管理规定\\n{}\\n- 1 -\\f{}\\n{}\\n- 2 -\\n".encode())
"""


def _program(folder: Path, code: str) -> str:
    file = folder / "读 字.py"
    file.write_text(code, encoding="utf-8")
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(file))} {{file}}"


def test_scan_is_read_by_the_named_program_and_the_report_says_so(tmp_path: Path, settings) -> None:
    settings.REGULATIONS_OCR_COMMAND = _program(tmp_path, READS.format(*LONG))

    text, doubts = text_of(pdf_of(), "扫描.pdf")

    law = parse(text)
    assert [unit.text for unit in law.units if unit.kind == "article"] == [line.split(" ", 1)[1] for line in LONG]
    assert {doubt.code for doubt in doubts} == {"from_pdf", "from_ocr", "page_number"}
    assert next(doubt for doubt in doubts if doubt.code == "from_ocr").message.startswith("扫描件：文字由程序识别")


def test_pdf_with_text_is_never_given_to_the_program(tmp_path: Path, settings) -> None:
    settings.REGULATIONS_OCR_COMMAND = _program(tmp_path, "raise SystemExit(9)")

    text, doubts = text_of(pdf_of("检修作业管理规定", *LONG), "规定.pdf")

    assert LONG[0][:10] in text
    assert "from_ocr" not in {doubt.code for doubt in doubts}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise SystemExit(3)", "没有成功（返回 3）"),
        ("pass", "没有认出任何文字"),
        ("import time; time.sleep(30)", "超过 1 秒没有完成"),
    ],
)
def test_program_that_fails_is_told_in_a_sentence(tmp_path: Path, settings, code: str, sentence: str) -> None:
    settings.REGULATIONS_OCR_COMMAND, settings.REGULATIONS_OCR_SECONDS = _program(tmp_path, code), 1

    with pytest.raises(UnreadableSource, match=sentence.replace("（", "（")):
        text_of(pdf_of(), "扫描.pdf")


@pytest.mark.parametrize("command", ["/nowhere/ocr {file}", "ocr '{file}"])
def test_program_that_is_not_there_is_told_in_a_sentence(settings, command: str) -> None:
    settings.REGULATIONS_OCR_COMMAND = command

    with pytest.raises(UnreadableSource, match="系统管理员"):
        text_of(pdf_of(), "扫描.pdf")


def test_font_that_is_none_falls_back_to_the_readers_own(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")

    assert fonts.chinese_font(str(broken)) == fonts.NAMED
