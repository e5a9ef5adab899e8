"""The embedding service: texts to vectors over HTTP, as OpenAI's `/v1/embeddings` does and most servers of models do."""

from __future__ import annotations

import array
import concurrent.futures
import dataclasses
import json
import logging
import math
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import requests
from django.conf import settings

log = logging.getLogger(__name__)

Vector: TypeAlias = "array.array[float]"
BATCH_SECONDS = (3.05, 60.0)
"""To connect, and between two bytes of the answer, for a batch."""
PAUSES = (0.5, 1.0, 2.0)
"""Between the tries of a batch, in seconds."""
_LONGEST_PAUSE = 30.0
_MOST_BYTES = 64 * 1024 * 1024
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_TOO_MUCH = {400, 413, 422}


class EmbeddingFailed(Exception):
    """The service cannot be used now, or what it says is not usable; the message says why."""


class TextRefused(EmbeddingFailed):
    """The service will not take this text or this many, however often it is asked."""


class WrongDimensions(EmbeddingFailed):
    """The vectors have another length than `SEARCH_EMBEDDING_DIMENSIONS`."""


@dataclasses.dataclass(frozen=True)
class EmbeddingService:
    """Where the service is and what it is asked for. `query_seconds` is all a reader waits; `query_prefix` stands before every
    query where the model wants it so; texts above `most_secrecy` are never sent; what is less like a query than
    `least_likeness` (cosine) is not found by meaning."""

    url: str
    model: str
    dimensions: int
    api_key: str = dataclasses.field(default="", repr=False)
    ca_file: str = ""
    query_prefix: str = ""
    query_seconds: float = 0.3
    batch: int = 32
    least_likeness: float = 0.3
    most_secrecy: int = 0

    @property
    def maker(self) -> Maker:
        """What its vectors are made by."""
        return Maker(self.model, self.dimensions)


@dataclasses.dataclass(frozen=True)
class Maker:
    """What made vectors: those of another one mean nothing beside them."""

    model: str
    dimensions: int

    def __str__(self) -> str:
        return f"{self.model} ({self.dimensions} dimensions)"


def current_service() -> EmbeddingService | None:
    """The service of the settings; None while none is set: then nothing of this package does anything."""
    return EmbeddingService(**settings.SEARCH_EMBEDDING) if settings.SEARCH_EMBEDDING else None


def embed(
    service: EmbeddingService, texts: Sequence[str], *, wait: Callable[[float], None] = time.sleep
) -> list[Vector | None]:
    """The vectors of these texts, of length 1, in their order; None for a text that the service refuses or that has none. Asks in
    batches, and again after a pause when the service is busy or away. Raises EmbeddingFailed."""
    vectors: list[Vector | None] = []
    for start in range(0, len(texts), service.batch):
        vectors += _batch(service, list(texts[start : start + service.batch]), wait)
    return vectors


def embed_query(service: EmbeddingService, query: str) -> Vector:
    """The vector of a query, asked for once, by the clock within `query_seconds` however slowly the service speaks: it is asked
    in a thread of its own, of which there are few, so that a service that hangs holds no more than these. Raises
    EmbeddingFailed."""
    seconds = (service.query_seconds, service.query_seconds)
    asked = _threads().submit(_ask, service, [service.query_prefix + query], seconds)
    try:
        (vector,) = asked.result(timeout=service.query_seconds)
    except concurrent.futures.TimeoutError:
        asked.cancel()
        raise EmbeddingFailed(f"the embedding service took longer than {service.query_seconds:g} s") from None
    if vector is None:
        raise EmbeddingFailed("the vector of the query is nothing but zeros")
    return vector


_QUERY_THREADS = 4
_pools: dict[int, concurrent.futures.ThreadPoolExecutor] = {}


def _threads() -> concurrent.futures.ThreadPoolExecutor:
    """The threads of this process; a forked child has its own."""
    if os.getpid() not in _pools:
        _pools[os.getpid()] = concurrent.futures.ThreadPoolExecutor(_QUERY_THREADS, thread_name_prefix="embedding")
    return _pools[os.getpid()]


def _batch(service: EmbeddingService, texts: list[str], wait: Callable[[float], None]) -> list[Vector | None]:
    for pause in (*PAUSES, None):
        try:
            return _ask(service, texts, BATCH_SECONDS)
        except TextRefused as error:
            if len(texts) == 1:
                log.warning("a text of %s characters has no vector: %s", len(texts[0]), error)
                return [None]
            middle = len(texts) // 2
            return [*_batch(service, texts[:middle], wait), *_batch(service, texts[middle:], wait)]
        except _Busy as busy:
            if pause is None:
                raise
            wait(min(max(pause, busy.after), _LONGEST_PAUSE))
    raise AssertionError("the last try returns or raises")


class _Busy(EmbeddingFailed):
    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


def _ask(service: EmbeddingService, texts: list[str], seconds: tuple[float, float]) -> list[Vector | None]:
    headers = {"Authorization": f"Bearer {service.api_key}"} if service.api_key else {}
    with requests.Session() as session:
        session.trust_env = False  # the intranet is reached directly, and no password of the machine is sent along
        try:
            answer = session.post(
                service.url,
                json={"model": service.model, "input": texts, "encoding_format": "float"},
                headers=headers,
                timeout=seconds,
                verify=service.ca_file or True,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                body = answer.raw.read(_MOST_BYTES, decode_content=True) if answer.status_code == 200 else b""
        except (requests.RequestException, OSError) as error:
            raise _Busy(f"the embedding service does not answer: {type(error).__name__}") from error
        except Exception as error:  # urllib3's own, while the body is read
            raise _Busy(f"the embedding service broke off: {type(error).__name__}") from error
    if answer.status_code in _TRY_AGAIN:
        raise _Busy(f"the embedding service says {answer.status_code}", _seconds_of(answer.headers.get("Retry-After")))
    if answer.status_code in _TOO_MUCH:
        raise TextRefused(f"the embedding service says {answer.status_code}")
    if answer.status_code != requests.codes.ok:
        raise EmbeddingFailed(f"the embedding service says {answer.status_code}")
    return _vectors_in(service, body, len(texts))


def _seconds_of(header: str | None) -> float:
    return float(header) if header and header.isascii() and header.isdigit() else 0.0


def _vectors_in(service: EmbeddingService, body: bytes, many: int) -> list[Vector | None]:
    try:
        listed = json.loads(body)["data"]
        found: dict[int, Any] = {int(one.get("index", place)): one["embedding"] for place, one in enumerate(listed)}
        ordered = [array.array("d", map(float, found[place])) for place in range(many)]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise EmbeddingFailed("the embedding service does not answer as /v1/embeddings does") from error
    for numbers in ordered:
        if len(numbers) != service.dimensions:
            raise WrongDimensions(
                f"{service.model} gives {len(numbers)} numbers for a text, SEARCH_EMBEDDING_DIMENSIONS says"
                f" {service.dimensions}"
            )
    return [of_length_1(numbers) for numbers in ordered]


def of_length_1(numbers: Sequence[float]) -> Vector | None:
    """The vector in the same direction with length 1; None without a direction."""
    length = math.sqrt(sum(number * number for number in numbers))
    if not math.isfinite(length) or length <= 0:
        return None
    return array.array("f", [number / length for number in numbers])
