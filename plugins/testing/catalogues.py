"""Reading what can be translated: from Python and templates, from `.po` files, from compiled `.mo` files. No gettext tools needed.

A message is named as gettext names it inside: its source text, with a context as `context\\x04text`.
"""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from plugins.host.catalogue import blocks_of

HAN = re.compile(r"[㐀-鿿]")
CONTEXT_END = "\x04"
_CALL = re.compile(r"(?:_|(n?p?)gettext(?:_noop|_lazy)?)$")
_STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_CALL_IN_TEMPLATE = re.compile(rf"\b(_|n?p?gettext)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


def marked_texts(path: Path) -> Iterator[str]:
    """The messages a Python file or template marks for translation (the singular of a plural form)."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        calls = [(name, f"[{strings}]") for name, strings in _CALL_IN_TEMPLATE.findall(templatize(source))]
        found = [(name, list(ast.literal_eval(strings))) for name, strings in calls]
    else:
        found = [
            (
                node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", ""),
                [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args],
            )
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call)
        ]
    for name, arguments in found:
        call = _CALL.match(name)
        if not call or not arguments:
            continue
        has_context = "p" in (call[1] or "")
        message = arguments[:2] if has_context else arguments[:1]
        if all(isinstance(part, str) and part for part in message):
            yield CONTEXT_END.join(str(part) for part in message)


def _blocks(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Every message of a `.po` file with its parts: `msgid`, `msgid_plural`, `msgstr`, `msgstr[0]`, …"""
    for parts in blocks_of(path.read_text(encoding="utf-8")):
        if parts["msgid"]:
            yield CONTEXT_END.join(part for part in (parts.get("msgctxt"), parts["msgid"]) if part), parts


def entries(path: Path) -> dict[str, tuple[str, ...]]:
    """Message → translation of a `.po` file: one text, or one for each plural form."""
    return {
        message: tuple(text for name, text in sorted(parts.items()) if name.startswith("msgstr"))
        for message, parts in _blocks(path)
    }


def plurals(path: Path) -> dict[str, str]:
    """Message → source text of its plural, for those that have one."""
    return {message: parts["msgid_plural"] for message, parts in _blocks(path) if "msgid_plural" in parts}


def fuzzy(path: Path) -> list[str]:
    """Comment lines of a `.po` file that mark an entry as guessed; compiling leaves such entries out."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"#,.*\bfuzzy\b", line)]


def compiled(path: Path) -> dict[str, tuple[str, ...]]:
    """Message → translation of a `.mo` file: one text, or one for each plural form."""
    with path.open("rb") as file:
        catalogue: dict[str | tuple[str, int], str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    forms: dict[str, dict[int, str]] = {}
    for key, text in catalogue.items():
        message, number = (key, 0) if isinstance(key, str) else key
        if message:
            forms.setdefault(message, {})[number] = text
    return {message: tuple(text for _, text in sorted(texts.items())) for message, texts in forms.items()}


def placeholders(text: str) -> set[str]:
    """The named and positional placeholders of a text."""
    return {match[0] for match in _PLACEHOLDER.finditer(text)}
