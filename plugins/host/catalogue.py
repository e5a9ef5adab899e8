"""Compiling a `.po` file without gettext's programs, for the scaffold and for plugin authors without them. Knows no Django."""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterator
from pathlib import Path

_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*(".*")$')


def blocks_of(text: str) -> Iterator[dict[str, str]]:
    """Every message of a `.po` file with its parts: `msgctxt`, `msgid`, `msgid_plural`, `msgstr`, `msgstr[0]`, …; the head has
    an empty `msgid`. Guessed ones (fuzzy) are left out."""
    for block in re.split(r"\n\s*\n", text):
        if re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE):
            continue
        parts: dict[str, str] = {}
        current = ""
        for line in block.splitlines():
            if match := _LINE.match(line):
                current = match[1] or current
                parts[current] = parts.get(current, "") + ast.literal_eval(match[2])
        if "msgid" in parts:
            yield parts


def messages_of(text: str) -> dict[str, str]:
    """Source text (with its context before an EOT, its plural after a NUL) → translation (plural forms joined by NUL)."""
    found: dict[str, str] = {}
    for parts in blocks_of(text):
        key = f"{parts['msgctxt']}\x04{parts['msgid']}" if "msgctxt" in parts else parts["msgid"]
        if "msgid_plural" in parts:
            key += f"\0{parts['msgid_plural']}"
        forms = [parts[name] for name in sorted(parts) if name.startswith("msgstr")]
        if all(forms):
            found[key] = "\0".join(forms)
    return found


def compile_catalogue(source: Path) -> Path:
    """Write the `.mo` file beside a `.po` file; its path."""
    messages = sorted(
        (key.encode(), value.encode()) for key, value in messages_of(source.read_text(encoding="utf-8")).items()
    )
    keys = b"".join(key + b"\0" for key, _ in messages)
    values = b"".join(value + b"\0" for _, value in messages)
    start = 7 * 4 + 16 * len(messages)
    key_table, value_table = [], []
    key_at, value_at = start, start + len(keys)
    for key, value in messages:
        key_table.append(struct.pack("<II", len(key), key_at))
        value_table.append(struct.pack("<II", len(value), value_at))
        key_at += len(key) + 1
        value_at += len(value) + 1
    head = struct.pack("<Iiiiiii", 0x950412DE, 0, len(messages), 28, 28 + 8 * len(messages), 0, 0)
    target = source.with_suffix(".mo")
    target.write_bytes(head + b"".join(key_table) + b"".join(value_table) + keys + values)
    return target
