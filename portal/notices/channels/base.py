"""What an adapter is, and which ones the operator switched on (`NOTICE_CHANNELS`)."""

from __future__ import annotations

import dataclasses
import functools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from plugins.sdk import text_in_language


class Undeliverable(Exception):
    """Sending it again will not help (a wrong address): the posting is parked at once with this reason."""


@dataclasses.dataclass(frozen=True)
class Outgoing:
    """What leaves the site: a fixed sentence and a link, nothing about the matter."""

    subject: str
    text: str
    link: str


class Channel(ABC):
    """A way out of the site. Made once a process, without arguments but its code."""

    labels: ClassVar[dict[str, tuple[str, str]]] = {
        "email": ("电子邮件", "E-mail"),
        "sms": ("短信", "Text message"),
        "wecom": ("企业微信", "WeCom"),
        "dingtalk": ("钉钉", "DingTalk"),
    }

    def __init__(self, code: str) -> None:
        self.code = code

    @property
    def text(self) -> str:
        """What people call it, in the language of the request."""
        return text_in_language(*self.labels.get(self.code, (self.code, "")))

    def address_of(self, user: Any) -> str:
        """Where this person is reached, empty when nowhere: as whoever knows addresses of this channel says."""
        known = _address_sources.get(self.code)
        return known(user) if known is not None else ""

    @abstractmethod
    def send(self, address: str, outgoing: Outgoing) -> None:
        """Send, within ten seconds. Raises Undeliverable when trying again is useless, anything else to be tried again."""


_address_sources: dict[str, Callable[[Any], str]] = {}


def address_from(code: str, source: Callable[[Any], str]) -> None:
    """Say who knows the addresses of a channel: `source(user)` gives one or an empty text. Called in an `AppConfig.ready`."""
    _address_sources[code] = source


@functools.cache
def _made(code: str, path: str) -> Channel:
    made: Channel = import_string(path)(code)
    return made


def channels() -> tuple[Channel, ...]:
    """The channels that are switched on, in the order of the setting."""
    return tuple(_made(code, path) for code, path in settings.NOTICE_CHANNELS.items())


def channel_named(code: str) -> Channel | None:
    """A channel that is switched on, or None."""
    path = settings.NOTICE_CHANNELS.get(code)
    return _made(code, path) if path else None
