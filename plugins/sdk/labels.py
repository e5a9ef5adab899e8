"""Texts of declarations: Chinese is the source, English stands beside it."""

from __future__ import annotations

from django.utils.translation import get_language


def text_in_language(label: str, label_en: str = "") -> str:
    """The label in the language of the request: `label_en` for English where there is one, else `label` (a gettext message)."""
    if label_en and (get_language() or "").startswith("en"):
        return label_en
    return str(label)
