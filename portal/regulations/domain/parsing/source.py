"""From bytes to text: what is no readable law text is refused with a sentence, what is odd is doubted."""

from __future__ import annotations

import codecs
import re

from portal.regulations.domain.parsing.tree import Doubt

MAX_BYTES = 8 * 1024 * 1024  # the longest real law has 0.3 MB
_EDGE = " \t\r\f\v\u00a0\u3000\u2000-\u200a\u202f\u205f\u200b\u200c\u200d\u2060\ufeff\u00ad"
_EDGES = re.compile(f"^[{_EDGE}]+|[{_EDGE}]+$")
_ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


class UnreadableSource(Exception):
    """The file cannot be read as text; `str()` is a Chinese sentence that says why and what to do."""


def decode(data: bytes) -> tuple[str, list[Doubt]]:
    """Text of a file and doubts about its encoding. Raises UnreadableSource for binary, empty, huge or undecodable data."""
    doubts: list[Doubt] = []
    if not data.strip():
        raise UnreadableSource("文件是空的，没有可导入的内容。")
    if len(data) > MAX_BYTES:
        raise UnreadableSource(
            f"文件有 {len(data) / 1048576:.1f} MB，超过 {MAX_BYTES // 1048576} MB 的上限，请拆分后再导入。"
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            text = data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableSource("文件以 UTF-16 标记开头，但内容已损坏，请另存为 UTF-8 后再导入。") from None
        doubts.append(Doubt(0, "encoding", "文件不是 UTF-8，按 UTF-16 读取，请核对文字。"))
    elif b"\x00" in data:
        raise UnreadableSource("这不是文本文件（含有二进制内容），请提供 UTF-8 编码的 Markdown 文件。")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _decode_gb(data)
            doubts.append(Doubt(0, "encoding", "文件不是 UTF-8，按 GB18030 读取，请核对文字。"))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if len(_CONTROL.findall(text)) > 8:
        raise UnreadableSource("这不是文本文件（含有大量控制字符），请提供 UTF-8 编码的 Markdown 文件。")
    for number, line in enumerate(text.split("\n"), start=1):
        if _CONTROL.search(line):
            doubts.append(Doubt(number, "control_character", "含有控制字符", line[:60]))
        if "\ufffd" in line:
            doubts.append(Doubt(number, "replacement_character", "含有无法识别的字符（U+FFFD）", line[:60]))
        if private := _PRIVATE.search(line):
            doubts.append(
                Doubt(number, "private_character", f"含有自造字 U+{ord(private.group()):04X}，可能显示不出", line[:60])
            )
    return text, doubts


def _decode_gb(data: bytes) -> str:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise UnreadableSource("文件的编码无法识别，请另存为 UTF-8 后再导入。") from error
    common = sum(text.count(char) for char in "的条第定规法和")
    if common * 50 < sum(char > "\x7f" for char in text):
        raise UnreadableSource("文件的编码无法识别（不是 UTF-8，按 GB18030 读出来不像中文），请另存为 UTF-8 后再导入。")
    return text


def trimmed(line: str) -> str:
    """A line without blanks and zero-width characters at its edges and without zero-width characters inside."""
    return _ZERO_WIDTH.sub("", _EDGES.sub("", line))
