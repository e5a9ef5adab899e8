"""Whether a piece of HTML closes what it opens: a piece that does not would swallow the page around it."""

from __future__ import annotations

import re

_TAG = re.compile(
    r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^\"'<>]|\"[^\"]*\"|'[^']*')*)>|<(script|style|textarea|title)\b",
    re.DOTALL,
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_MAY_STAY_OPEN = frozenset(
    ["p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "caption"]
)
_RAW = frozenset({"script", "style", "textarea", "title"})


def what_is_open(html: str) -> str:
    """The name of an element that is not closed, or closed without having been opened; "" when all is well."""
    opened: list[str] = []
    position = 0
    while (found := _TAG.search(html, position)) is not None:
        position = found.end()
        name = (found[2] or found[4] or "").lower()
        if not name or name in _VOID:
            continue
        if found[4]:
            return name  # a raw element whose start tag does not end
        if found[1]:
            while opened and opened[-1] != name and opened[-1] in _MAY_STAY_OPEN:
                opened.pop()
            if not opened or opened.pop() != name:
                return name
        elif not found[3].endswith("/"):
            if name in _RAW:
                end = html.lower().find(f"</{name}", position)
                if end < 0:
                    return name
                position = end
            opened.append(name)
    if "<!--" in _TAG.sub("", html):
        return "<!--"
    left = [name for name in opened if name not in _MAY_STAY_OPEN]
    return left[-1] if left else ""
