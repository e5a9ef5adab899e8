"""Asking the plugins' validators before a page is handed in, published, taken down or deleted, on every way there.

The editor's form asks first, so that a refusal stands above the untouched form. What goes other ways (reviews, actions on many
pages, the domain) is asked where Wagtail does the deed; a refusal there ends the deed, and the host's middleware shows it.
A deed is one transaction with its question, and a new page is a draft until it is answered: nobody sees what is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import AbstractPage
from wagtail.signals import workflow_submitted

from plugins.sdk import Refusal
from plugins.sdk.declarations.checks import Action
from plugins.sdk.runtime import ask_validators
from portal.ground.content import content_changed

ACTION_OF_BUTTON: dict[str, Action] = {
    "action-publish": "page.publish",
    "action-submit": "page.submit",
    "action-restart-workflow": "page.submit",
}


def ask_about(action: Action, page: Any, user: Any) -> None:
    """Ask the validators about a page. Raises `plugins.sdk.Refusal`, which then names the page (`page_id`)."""
    try:
        ask_validators(action, page, user)
    except Refusal as refusal:
        refusal.page_id = page.pk  # type: ignore[attr-defined]
        raise


def ask_on_every_way() -> None:
    """Have Wagtail's own operations ask."""
    _ask_before(PublishPageRevisionAction, "page.publish", lambda deed: [deed.object])
    _ask_before(UnpublishPageAction, "page.unpublish", lambda deed: [deed.object.specific])
    _ask_before(DeletePageAction, "page.delete", lambda deed: _with_all_below(deed.page))
    _ask_after(CopyPageAction, "page.publish")
    _ask_after(CreatePageAliasAction, "page.publish")
    _whole_moves()
    workflow_submitted.connect(_ask_before_review, dispatch_uid="basepage.validating")


def _ask_before(operation: Any, action: Action, pages_of: Callable[[Any], Iterable[Any]]) -> None:
    inherited = operation.check

    def check(self: Any, skip_permission_checks: bool = False) -> None:
        inherited(self, skip_permission_checks)
        for page in pages_of(self):
            ask_about(action, page, self.user)

    operation.check = check
    _in_one_transaction(operation)


def _in_one_transaction(operation: Any, afterwards: Callable[[Any, Any], None] | None = None) -> None:
    """Have the deed be done whole, with its question, or not at all."""
    inherited = operation.execute

    def execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            result = inherited(self, *args, **kwargs)
            if afterwards is not None:
                afterwards(self, result)
        return result

    operation.execute = execute


def _ask_after(operation: Any, action: Action) -> None:
    """Ask about the pages that a deed made and that are live at once, where they lie now. A refusal takes all of them back."""

    _in_one_transaction(operation, lambda deed, made: _ask_about_live(action, made, deed.user))


def _ask_about_live(action: Action, top: Any, user: Any) -> None:
    for page in top.get_descendants(inclusive=True).live().specific().iterator():
        ask_about(action, page, user)


def _whole_moves() -> None:
    """Have a page be moved whole, with the pages below it: search is told of each, for its column is another one, and whoever
    has a say before pages go live in the new column is asked about those that are. A change of order asks nobody."""
    inherited = MovePageAction.execute

    def execute(self: Any, *args: Any, **kwargs: Any) -> Any:
        pages = apps.get_model(settings.WAGTAIL_PAGE_MODEL)._default_manager
        with transaction.atomic():
            above = pages.get(pk=self.page.pk).get_parent()
            result = inherited(self, *args, **kwargs)
            moved = pages.get(pk=self.page.pk)  # its path is another one now
            if moved.get_parent().pk != above.pk:
                for uid in moved.get_descendants(inclusive=True).values_list("uid", flat=True):
                    content_changed("page", uid)
                _ask_about_live("page.publish", moved, self.user)
        return result

    MovePageAction.execute = execute


def _with_all_below(page: Any) -> Iterable[Any]:
    found: Iterable[Any] = page.get_descendants(inclusive=True).specific().iterator()
    return found


def _ask_before_review(instance: Any = None, user: Any = None, **_more: Any) -> None:
    page = getattr(instance, "content_object", None)
    if isinstance(page, AbstractPage):
        ask_about("page.submit", page.get_latest_revision_as_object(), user)
