"""Asking for the check, and telling who proposed how it ended."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from plugins.bundled.disclosure.models import Item
from portal.public import facts
from portal.public.notices import HoldersOf, close_task, notify, open_task

CHECK = "disclosure.check"
TO_CHECK, DECIDED = "disclosure.to_check", "disclosure.decided"


def ask_to_check(item: Item) -> None:
    """A to-do for whoever may check in the item's organisation, but for who proposed it; once for each time it is proposed."""
    if item.owner_organisation_id is not None:
        people = HoldersOf(CHECK, item.owner_organisation_id, except_user=item.proposed_by)
    else:
        people = [user for user in facts.users_in_charge(CHECK) if user.pk != item.proposed_by_id]
    title = _("公开事项《%(title)s》待审查") % {"title": item.title}
    open_task(_key(item), people, TO_CHECK, title, reverse("disclosure:check", args=[item.uid]), announce=True)


def tell_decision(item: Item) -> None:
    """The to-do is done; who proposed is told whether the item passed, and why not."""
    close_task(_key(item), by=item.checked_by)
    if item.proposed_by is None:
        return
    if item.state == Item.State.RETURNED:
        title = _("公开事项《%(title)s》被退回，请修改后再提交") % {"title": item.title}
        url = reverse("disclosure:edit", args=[item.uid])
    else:
        title = _("公开事项《%(title)s》已通过审查") % {"title": item.title}
        is_public = item.state == Item.State.PUBLISHED
        url = reverse("disclosure:item", args=[item.uid]) if is_public else reverse("disclosure:desk")
    key = f"disclosure.decided:{item.uid}:{item.checked_at:%Y%m%d%H%M%S%f}"
    notify(key, item.proposed_by, DECIDED, title, url, text=item.return_reason)


def _key(item: Item) -> str:
    return f"disclosure.check:{item.uid}:{item.proposed_at:%Y%m%d%H%M%S%f}"
