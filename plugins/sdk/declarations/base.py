"""What all declarations with a text share."""

from __future__ import annotations

from typing import Literal

from plugins.sdk.labels import text_in_language

Place = Literal["main", "workbench"]


class Labelled:
    """A declaration with a Chinese `label` and an English `label_en`."""

    label: str
    label_en: str

    @property
    def text(self) -> str:
        """The label in the language of the request."""
        return text_in_language(self.label, self.label_en)
