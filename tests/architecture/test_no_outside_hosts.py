"""Nothing that a browser gets is loaded from another host: the site runs on closed networks."""

import re
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
FOLDERS = ("themes", "portal", "plugins", "search", "media_pipeline")
KINDS = {".html", ".css", ".js", ".mjs", ".svg", ".toml", ".txt", ".json"}
ADDRESS = re.compile(r"(?:https?:)?//(?=[A-Za-z0-9-]+\.[A-Za-z]{2,})([A-Za-z0-9.-]+)")
# Names that are never asked: identifiers of formats.
NAMESPACES = {"www.w3.org", "schema.org", "ns.adobe.com", "purl.org"}


def outside_hosts(text: str) -> set[str]:
    """Hosts that the text names after `//`, namespaces apart. Comments of code are left out."""
    code = re.sub(r"^\s*(//|\*|/\*|#|{#).*$", "", text, flags=re.MULTILINE)
    return {host for host in ADDRESS.findall(code) if host not in NAMESPACES}


def files() -> list[Path]:
    found = []
    for folder in FOLDERS:
        for path in (PROJECT_DIR / folder).rglob("*"):
            served = "static" in path.parts or "templates" in path.parts
            if path.suffix in KINDS and served and "vendor" not in path.parts and "fonts" not in path.parts:
                found.append(path)
    return found


def test_no_template_style_or_script_names_another_host():
    named = {
        str(path.relative_to(PROJECT_DIR)): hosts
        for path in files()
        if (hosts := outside_hosts(path.read_text(encoding="utf-8")))
    }

    assert named == {}


def test_the_pattern_sees_what_it_should():
    assert outside_hosts('<script src="https://cdn.example.com/x.js">') == {"cdn.example.com"}
    assert outside_hosts("@import url(//fonts.example.org/css)") == {"fonts.example.org"}
    assert outside_hosts('<svg xmlns="http://www.w3.org/2000/svg">') == set()
    assert len(files()) > 20


def test_no_inline_script_or_style_in_public_templates():
    """The content security policy would refuse them in the browser, silently."""
    inline = re.compile(
        r"<script(?![^>]*\b(src|type=\"application/(?:ld\+)?json\"))[^>]*>|<style\b|\sstyle=\"|\son\w+=\""
    )
    found = [
        str(path.relative_to(PROJECT_DIR))
        for path in files()
        if path.suffix == ".html" and "wagtailadmin" not in path.parts and "admin" not in path.parts
        if inline.search(path.read_text(encoding="utf-8"))
    ]

    assert found == []
