"""Rules about templates, browser assets and texts."""

# ruff: noqa: S101 - these are tests

from __future__ import annotations

import re

from plugins.testing.base import ContractBase
from plugins.testing.catalogues import HAN, compiled, entries, fuzzy, marked_texts, placeholders

FORBIDDEN_IN_TEMPLATES = (
    "http://",
    "https://",
    "|safe",
    "autoescape off",
    "<script>",
    "style=",
    "javascript:",
    "onclick=",
)
PUBLIC_TEMPLATES = ("base.html", "components/")
PUBLIC_BLOCKS = frozenset({"title", "head_end", "body_class", "main", "scripts_end"})
_OUTSIDE = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
_EXTENDED = re.compile(r"{%\s*extends\s+[\"']([^\"']+)[\"']")
_INCLUDED = re.compile(r"{%\s*include\s+[\"']([^\"']+)[\"']")
_BLOCK = re.compile(r"{%\s*block\s+(\w+)")


class TextRules(ContractBase):
    """Templates and texts."""

    def test_templates_escape_data_and_load_nothing_from_outside(self) -> None:
        found = [
            f"{path.relative_to(self._folder())}: {mark}"
            for path in self._folder().glob("templates/**/*.html")
            for mark in FORBIDDEN_IN_TEMPLATES
            if mark in path.read_text(encoding="utf-8")
        ]

        assert found == []

    def test_browser_assets_load_nothing_from_outside(self) -> None:
        found = [
            f"{path.relative_to(self._folder())}: {address}"
            for pattern in ("*.js", "*.mjs", "*.css", "*.svg")
            for path in self._folder().glob(f"static/**/{pattern}")
            for address in _OUTSIDE.findall(path.read_text(encoding="utf-8"))
            if "www.w3.org" not in address
        ]

        assert found == []

    def test_templates_lie_in_a_folder_of_the_slug(self) -> None:
        for kind in ("templates", "static"):
            assert {path.name for path in (self._folder() / kind).glob("*")} <= {self.plugin}

    def test_templates_extend_only_public_blocks(self) -> None:
        wrong = []
        for path in self._folder().glob("templates/**/*.html"):
            text, name = path.read_text(encoding="utf-8"), str(path.relative_to(self._folder()))
            used = [*_EXTENDED.findall(text), *_INCLUDED.findall(text)]
            wrong += [
                f"{name}: {other}" for other in used if not other.startswith((*PUBLIC_TEMPLATES, f"{self.plugin}/"))
            ]
            if "base.html" in _EXTENDED.findall(text):
                wrong += [f"{name}: block {block}" for block in _BLOCK.findall(text) if block not in PUBLIC_BLOCKS]

        assert wrong == []

    def test_every_label_has_an_english_text(self) -> None:
        plugin = self._plugin()
        labelled = [
            item
            for name in dir(type(plugin))
            if isinstance(value := getattr(plugin, name), tuple | list)
            for item in value
            if hasattr(item, "label_en")
        ]

        assert [str(item.label) for item in labelled if not item.label_en] == []

    def test_every_text_has_an_english_one_that_is_compiled(self) -> None:
        marked = {text for path in self._files("*.py", "*.html") for text in marked_texts(path) if HAN.search(text)}
        if not marked:
            return
        source = self._folder() / "locale" / "en" / "LC_MESSAGES" / "django.po"
        known = entries(source)

        assert sorted(text for text in marked if not all(known.get(text, ("",)))) == []
        assert fuzzy(source) == []
        assert compiled(source.with_suffix(".mo")) == known
        wrong = [text for text in marked for form in known[text] if placeholders(form) - placeholders(text)]
        assert wrong == []

    def test_name_and_description_are_in_both_languages(self) -> None:
        from plugins.host import registry  # noqa: PLC0415 - the host is ready only when a test runs

        manifest = registry.found_plugin(self.plugin).manifest

        assert manifest is not None
        assert HAN.search(manifest.name_zh)
        assert manifest.name_en
        assert not HAN.search(manifest.name_en)
        assert bool(manifest.description_zh) == bool(manifest.description_en)
