"""Where a request comes from: address, browser, device."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.accounts.domain.devices import COOKIE, DAYS, Device, cookie_after_sign_in, read_device
from portal.accounts.models import User

_BROWSERS = [
    ("wxwork", gettext_lazy("企业微信")),
    ("MicroMessenger", gettext_lazy("微信")),
    ("DingTalk", gettext_lazy("钉钉")),
    ("QQBrowser", gettext_lazy("QQ 浏览器")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
_SYSTEMS = [
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
]


def client_address(request: HttpRequest) -> str:
    """The visitor's address. Behind `TRUSTED_PROXIES` proxies it is what the outermost of them wrote; what a visitor puts into
    the header stands further left and is not believed."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    count = settings.TRUSTED_PROXIES
    if not count:
        return direct
    passed = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    if len(passed) < count:
        return direct
    return passed[-count][:45]


def browser_name(text: str) -> str:
    """A browser and a system by the names people know, from what the browser says of itself."""
    browser = next((name for mark, name in _BROWSERS if re.search(mark, text, re.IGNORECASE)), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    return " · ".join(str(part) for part in (browser, system) if part) or _("未知浏览器")


def device_of(request: HttpRequest) -> Device | None:
    """The device, when it signed in here before."""
    return read_device(request.COOKIES.get(COOKIE, ""))


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Have the browser keep that `user` signed in completely on it."""
    response.set_cookie(
        COOKIE,
        cookie_after_sign_in(device_of(request), user),
        max_age=DAYS * 86400,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
