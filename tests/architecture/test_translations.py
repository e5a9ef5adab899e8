"""English is complete: every text that is marked has a translation with the same placeholders, and is compiled.

The Chinese texts for Wagtail's own interface stand beside them and are held to the same rules.
"""

from __future__ import annotations

import pytest

from tests.architecture.catalogues import (
    CATALOGUES,
    HAN,
    HOST,
    PROJECT_DIR,
    SHARED,
    SOURCES,
    catalogue_of,
    catalogues_read,
    compiled,
    entries,
    fuzzy,
    marked_texts,
    placeholders,
    plurals,
)

pytestmark = pytest.mark.once

ENGLISH = [f"{catalogue}/locale/en/LC_MESSAGES/django" for catalogue in CATALOGUES]
CHINESE = [f"portal/locale/zh_Hans/LC_MESSAGES/{domain}" for domain in ("django", "djangojs")]


def source_texts(catalogue):
    files = (
        path
        for folder in SOURCES
        for pattern in ("*.py", "*.html")
        for path in (PROJECT_DIR / folder).rglob(pattern)
        if "scaffold" not in path.parts
    )
    return {
        text for path in files if catalogue_of(path) == catalogue for text in marked_texts(path) if HAN.search(text)
    }


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_every_marked_text_has_an_english_one(catalogue):
    known = {
        text: forms
        for folder in catalogues_read(catalogue)
        for text, forms in entries(PROJECT_DIR / folder / "locale/en/LC_MESSAGES/django.po").items()
    }
    marked = source_texts(catalogue)

    missing = sorted(text for text in marked if not all(known.get(text, ("",))))

    assert marked
    assert missing == []


def test_a_text_of_the_portal_is_not_translated_again_by_an_app():
    shared = set(entries(PROJECT_DIR / SHARED / "locale/en/LC_MESSAGES/django.po"))

    again = {
        catalogue: sorted(set(entries(PROJECT_DIR / catalogue / "locale/en/LC_MESSAGES/django.po")) & shared)
        for catalogue in CATALOGUES
        if catalogue.startswith((f"{SHARED}/", HOST))
    }

    assert shared
    assert {catalogue: texts for catalogue, texts in again.items() if texts} == {}


def test_texts_are_found_in_templates_with_context_and_plural(tmp_path):
    template = tmp_path / "one.html"
    template.write_text(
        '{% translate "甲" %}{% translate "乙" context "丙" %}{% include "x.html" with title=_("丁") %}'
        "{% blocktranslate count n=n %}戊 {{ n }}{% plural %}己 {{ n }}{% endblocktranslate %}",
        encoding="utf-8",
    )

    assert set(marked_texts(template)) == {"甲", "丙\x04乙", "丁", "戊 %(n)s"}


@pytest.mark.parametrize("catalogue", ENGLISH)
def test_english_text_holds_no_han(catalogue):
    known = entries(PROJECT_DIR / f"{catalogue}.po")

    wrong = [text for text, forms in known.items() if any(HAN.search(form.replace("领航", "")) for form in forms)]

    assert wrong == []


@pytest.mark.parametrize("catalogue", ENGLISH + CHINESE)
def test_translation_keeps_the_placeholders(catalogue):
    path = PROJECT_DIR / f"{catalogue}.po"
    plural = plurals(path)

    wrong = [
        text
        for text, forms in entries(path).items()
        if placeholders(forms[-1]) != placeholders(plural.get(text, text))
        or any(placeholders(form) - placeholders(plural.get(text, text)) for form in forms)
    ]

    assert wrong == []


@pytest.mark.parametrize("catalogue", ENGLISH + CHINESE)
def test_compiled_catalogue_is_the_written_one(catalogue):
    written = entries(PROJECT_DIR / f"{catalogue}.po")

    assert fuzzy(PROJECT_DIR / f"{catalogue}.po") == []
    assert compiled(PROJECT_DIR / f"{catalogue}.mo") == written
