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
        """Where this person is reached, empty when nowhere: as whoever knows addresses of this channel says. Asked by the worker
        that sends, never by a page: the address may be a covered value, and asking for it is written down."""
        source = _address_sources.get(self.code)
        return source.address(user) if source is not None else ""

    def has_address(self, user: Any) -> bool:
        """Whether an address is known, for pages; the address itself is not read where its source can tell without."""
        source = _address_sources.get(self.code)
        if source is not None and source.is_known is not None:
            return source.is_known(user)
        return bool(self.address_of(user))

    @abstractmethod
    def send(self, address: str, outgoing: Outgoing) -> None:
        """Send, within ten seconds. Raises Undeliverable when trying again is useless, anything else to be tried again."""


@dataclasses.dataclass(frozen=True)
class _AddressSource:
    address: Callable[[Any], str]
    is_known: Callable[[Any], bool] | None


_address_sources: dict[str, _AddressSource] = {}


def address_from(code: str, source: Callable[[Any], str], is_known: Callable[[Any], bool] | None = None) -> None:
    """Say who knows the addresses of a channel: `source(user)` gives one or an empty text. `is_known(user)` tells pages whether there
    is one; without it they ask `source`. Called in an `AppConfig.ready`."""
    _address_sources[code] = _AddressSource(source, is_known)


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
