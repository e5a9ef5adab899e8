"""Cleaning HTML that people typed or pasted: a short list of tags stays, everything else becomes text or goes."""

from __future__ import annotations

import html
from html.parser import HTMLParser

ALLOWED = {
    "p": set(), "br": set(), "strong": set(), "b": set(), "em": set(), "i": set(), "u": set(), "s": set(),
    "h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "ul": set(), "ol": {"start"}, "li": set(), "blockquote": set(), "hr": set(),
    "a": {"href", "title"}, "table": set(), "thead": set(), "tbody": set(), "tr": set(),
    "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}, "sup": set(), "sub": set(), "code": set(),
}  # fmt: skip
VOID = {"br", "hr"}
DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "embed", "template", "svg", "math", "noscript", "title"}
SAFE_SCHEMES = ("http://", "https://", "mailto:", "tel:", "/", "#")


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping += 1
        if self.dropping or tag not in ALLOWED:
            return
        kept = []
        for name, value in attrs:
            if name not in ALLOWED[tag] or value is None:
                continue
            if name == "href" and not value.strip().lower().startswith(SAFE_SCHEMES):
                continue
            if name == "href" and value.strip().startswith(("//", "/\\")):
                continue
            kept.append(f' {name}="{html.escape(value.strip(), quote=True)}"')
        self.out.append(f"<{tag}{''.join(kept)}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in DROPPED_WITH_CONTENT:
            self.dropping = max(0, self.dropping - 1)
            return
        if self.dropping or tag not in self.open:
            return
        while self.open:
            top = self.open.pop()
            self.out.append(f"</{top}>")
            if top == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.out.append(html.escape(data, quote=False))


def clean(markup: str) -> str:
    """Safe HTML from hostile HTML: allowed tags only, balanced, links only to web, mail, telephone and this site."""
    cleaner = _Cleaner()
    cleaner.feed(markup)
    cleaner.close()
    cleaner.out.extend(f"</{tag}>" for tag in reversed(cleaner.open))
    return "".join(cleaner.out)


def text_of(markup: str) -> str:
    """The plain text of HTML, blocks separated by line breaks, blanks folded."""
    parts: list[str] = []

    class _Text(HTMLParser):
        skipping = 0

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.skipping += tag in DROPPED_WITH_CONTENT
            if tag in {"p", "br", "li", "h2", "h3", "h4", "tr", "blockquote", "td", "th"}:
                parts.append("\n")

        def handle_endtag(self, tag: str) -> None:
            self.skipping -= tag in DROPPED_WITH_CONTENT and self.skipping > 0

        def handle_data(self, data: str) -> None:
            if not self.skipping:
                parts.append(data)

    reader = _Text(convert_charrefs=True)
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)
