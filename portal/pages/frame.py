"""What stands around every page: the name, the navigation, the foot and the look that the site's settings choose."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.conf import settings
from django.utils.translation import get_language


@dataclasses.dataclass(frozen=True)
class Entry:
    """A link of the navigation or the foot. `current` marks where we are; `exact` that it is this very page."""

    label: str
    url: str
    current: bool = False
    exact: bool = False


@dataclasses.dataclass(frozen=True)
class Frame:
    """Everything that `base.html` shows besides the page itself."""

    name: str
    unit: str
    menu: tuple[Entry, ...]
    foot_links: tuple[Entry, ...]
    foot_line: str
    registration: str
    grey: bool
    home_url: str
    search_url: str
    login_url: str


def frame_for(request: Any) -> Frame:
    """The frame for a request (None: a page outside any request, such as an error)."""
    prefix = "/en" if get_language() == "en" else ""
    return Frame(
        name=settings.WAGTAIL_SITE_NAME,
        unit="",
        menu=(),
        foot_links=(),
        foot_line="",
        registration="",
        grey=False,
        home_url=f"{prefix}/",
        search_url=f"{prefix}/search/",
        login_url=settings.LOGIN_URL,
    )
