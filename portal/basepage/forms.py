"""The editor's form of every page: nobody has to invent an address."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class PageForm(WagtailAdminPageForm):
    """The slug may stay empty: the page takes the pinyin of its title when it is saved (the browser's own suggestion is
    empty for Chinese). It is chosen at the save, not here, so that two savings at once do not choose the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
