"""Putting pages where readers find them, as an editor and a reviewer would."""

from __future__ import annotations

from portal.basepage.models import BasePage


def publish_below(parent: BasePage, page: BasePage) -> BasePage:
    """Add a page below another and publish it."""
    made: BasePage = parent.add_child(instance=page)
    made.save_revision().publish()
    return made
