"""The editor's form of every page: nobody has to invent an address."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from portal.shared.slugs import pinyin_slug


class PageForm(WagtailAdminPageForm):
    """An empty slug becomes the pinyin of the title; the browser's own suggestion is empty for Chinese."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def clean_slug(self) -> str:
        """The typed slug, or a free one made from the title."""
        typed: str = self.cleaned_data.get("slug") or ""
        if typed or self.parent_page is None:
            return typed
        wanted = slug = pinyin_slug(self.cleaned_data.get("title") or "")
        number = 1
        while not self.instance._slug_is_available(slug, self.parent_page, self.instance):
            number += 1
            slug = f"{wanted}-{number}"
        return slug
