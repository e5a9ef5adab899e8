"""Whole pages for readers who are not signed in, served before anything else runs.

An entry belongs to the content generation that was read before the page was made, so a change that anybody could see ends
every older entry in the moment it commits: nothing is purged and no message has to arrive. Entries live in the memory of
the process, because the generation in the database already makes all processes agree.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from portal.ground.clock import BUSINESS_ZONE, now
from portal.ground.generation import current_generation

MAX_BYTES = 48 * 1024 * 1024
MAX_PAGE_BYTES = 1024 * 1024
MAX_PATH_LENGTH = 300
LIFETIME_SECONDS = 300
_PAGE_QUERY = re.compile(r"page=[1-9][0-9]{0,3}")
# Headers of a request that make its answer its own.
_PERSONAL = ("HTTP_AUTHORIZATION", "HTTP_HX_REQUEST", "HTTP_RANGE")
# What an answer may vary by and still be the same for every reader without a session.
_HARMLESS_VARY = {"cookie", "accept-language", "accept-encoding", "hx-request"}
# Below these lie pieces of films and files: none of them would be kept, so they need not know the generation.
_NO_PAGES = ("/play/", "/files/", "/api/")
_KEPT_IN_304 = ("ETag", "Cache-Control", "Vary", "Content-Language")

Key = tuple[str, str, str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A page as it was sent. `expires` is a reading of the monotonic clock."""

    generation: int
    expires: float
    etag: str
    headers: dict[str, str]
    body: bytes


class PageStore:
    """Pages in the memory of this process, the oldest dropped first when `max_bytes` are reached. Safe between threads."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._entries: dict[Key, Entry] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key, generation: int) -> Entry | None:
        """The page of this very generation, unless its time is over."""
        entry = self._entries.get(key)
        if entry is None or entry.generation != generation or entry.expires < time.monotonic():
            return None
        return entry

    def put(self, key: Key, entry: Entry) -> None:
        """Keep a page, in the place of an older one of the same address."""
        with self._lock:
            self._drop(key)
            self._entries[key] = entry
            self._bytes += len(entry.body)
            while self._bytes > self.max_bytes:
                self._drop(next(iter(self._entries)))

    def _drop(self, key: Key) -> None:
        old = self._entries.pop(key, None)
        if old is not None:
            self._bytes -= len(old.body)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0


store = PageStore()


class AnonymousPageCache:
    """The first middleware. Sets `request.content_generation` on what it looked up, so that others need not ask again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.session_mark = f"{settings.SESSION_COOKIE_NAME}="
        self.no_pages = (settings.STATIC_URL, settings.MEDIA_URL, *_NO_PAGES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = self._key(request)
        if key is None:
            return self.get_response(request)
        generation = current_generation()
        entry = store.get(key, generation)
        if entry is not None:
            return _answer(request, entry)
        request.content_generation = generation  # type: ignore[attr-defined]
        response = self.get_response(request)
        if _is_for_everybody(response):
            entry = _entry_of(response, generation)
            store.put(key, entry)
            if request.META.get("HTTP_IF_NONE_MATCH"):
                return _answer(request, entry)
        return response

    def _key(self, request: HttpRequest) -> Key | None:
        """Where this request's page would lie, or None when it must be made for this reader alone."""
        meta = request.META
        if request.method not in ("GET", "HEAD"):
            return None
        cookie = meta.get("HTTP_COOKIE")
        if cookie and (self.session_mark in cookie or "messages=" in cookie):
            return None
        query = meta.get("QUERY_STRING", "")
        if query and not _PAGE_QUERY.fullmatch(query):
            return None
        path = request.path_info
        if len(path) > MAX_PATH_LENGTH or path.startswith(self.no_pages) or any(name in meta for name in _PERSONAL):
            return None
        return (meta.get("HTTP_HOST", ""), request.scheme or "", path, query)


def _is_for_everybody(response: HttpResponse) -> bool:
    if response.status_code != 200 or response.streaming or response.cookies or len(response.content) > MAX_PAGE_BYTES:
        return False
    if not response.get("Content-Type", "").startswith("text/html"):
        return False
    control = response.get("Cache-Control", "").lower()
    if "private" in control or "no-store" in control or response.has_header("Content-Disposition"):
        return False
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    return varies <= _HARMLESS_VARY


def _entry_of(response: HttpResponse, generation: int) -> Entry:
    """The entry for an answer; gives the answer itself the same headers."""
    etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
    response["ETag"] = etag
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-cache"  # a browser may keep it, but asks before each use
    patch_vary_headers(response, ["Cookie"])
    response["Content-Length"] = str(len(response.content))
    expires = time.monotonic() + lifetime_seconds(now(), generation)
    return Entry(generation, expires, etag, dict(response.items()), response.content)


def _answer(request: HttpRequest, entry: Entry) -> HttpResponse:
    known = request.META.get("HTTP_IF_NONE_MATCH")
    if known and entry.etag in known:
        kept = {name: entry.headers[name] for name in _KEPT_IN_304 if name in entry.headers}
        response = HttpResponse(status=304, headers=kept)
        del response.headers["Content-Type"]
        return response
    return HttpResponse(b"" if request.method == "HEAD" else entry.body, headers=entry.headers)


_next_change: tuple[int, dt.datetime, dt.datetime | None] | None = None


def lifetime_seconds(moment: dt.datetime, generation: int) -> float:
    """How long a page made at `moment` may be shown while the generation stands still: to the next page that goes live or
    expires, to midnight in Asia/Shanghai (what is in force changes with the date), at most `LIFETIME_SECONDS`."""
    midnight = (moment.astimezone(BUSINESS_ZONE) + dt.timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    ends = [LIFETIME_SECONDS, (midnight - moment).total_seconds()]
    change = _change_after(moment, generation)
    if change is not None:
        ends.append((change - moment).total_seconds())
    return max(0.0, min(ends))


def _change_after(moment: dt.datetime, generation: int) -> dt.datetime | None:
    """When the next page goes live or expires; read once a generation, and again when that moment has passed."""
    global _next_change
    known = _next_change
    if known is not None and known[0] == generation and (known[2] is None or known[2] > moment) and known[1] <= moment:
        return known[2]
    from portal.pages.domain.queries import next_scheduled_change  # noqa: PLC0415 - settings name this module before models load

    change = next_scheduled_change(moment)
    _next_change = (generation, moment, change)
    return change
