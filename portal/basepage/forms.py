"""The editor's form of every page: nobody has to invent an address."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm

from plugins.sdk import Refusal
from portal.basepage.validating import ACTION_OF_BUTTON, ask_about


class PageForm(WagtailAdminPageForm):
    """The slug may stay empty: the page takes the pinyin of its title when it is saved (the browser's own suggestion is
    empty for Chinese). It is chosen at the save, not here, so that two savings at once do not choose the same."""

    was_asked = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False

    def is_valid(self) -> bool:
        """Whether the page may be kept, and, for a button that hands it in or publishes it, whether no plugin objects: then the
        sentence stands above the form, and nothing that was typed is lost."""
        valid: bool = super().is_valid()
        if not valid or self.was_asked:
            return valid
        self.was_asked = True
        action = next((action for button, action in ACTION_OF_BUTTON.items() if button in self.data), None)
        if action is not None:
            try:
                ask_about(action, self.instance, self.for_user)
            except Refusal as refusal:
                self.add_error(None, str(refusal))
                return False
        return True

    def save(self, commit: bool = True) -> Any:
        """Save what was typed. A new page is a draft, also on its way to being published: only publishing makes it live, after
        everybody was asked."""
        if self.instance._state.adding:
            self.instance.live = False
        return super().save(commit)
