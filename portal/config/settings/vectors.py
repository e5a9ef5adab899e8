"""The embedding service of the intranet, if there is one: meaning beside words in search."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from portal.config import environment as env

MOST_DIMENSIONS = 4096
"""What Elasticsearch takes."""
_OWN = {"localhost", "127.0.0.1", "::1"}


def embedding_service() -> dict[str, Any]:
    """What `SEARCH_EMBEDDING_*` say, for `search.vectors.service`; empty while no address is set. Raises ImproperlyConfigured."""
    url = env.text("SEARCH_EMBEDDING_URL")
    service: dict[str, Any] = {
        "url": url,
        "model": env.text("SEARCH_EMBEDDING_MODEL"),
        "dimensions": env.number("SEARCH_EMBEDDING_DIMENSIONS", 0, at_least=0),
        "api_key": env.text("SEARCH_EMBEDDING_API_KEY"),
        "ca_file": env.text("SEARCH_EMBEDDING_CA_FILE"),
        "query_prefix": env.text("SEARCH_EMBEDDING_QUERY_PREFIX"),
        "query_seconds": env.number("SEARCH_EMBEDDING_QUERY_MILLISECONDS", 300, at_least=10) / 1000,
        "batch": env.number("SEARCH_EMBEDDING_BATCH", 32, at_least=1),
        "least_likeness": env.number("SEARCH_EMBEDDING_LEAST_PERCENT", 30, at_least=0) / 100,
        "most_secrecy": env.number("SEARCH_EMBEDDING_SECRECY", 0, at_least=0),
    }
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ImproperlyConfigured("SEARCH_EMBEDDING_URL must be http(s)://host[:port]/v1/embeddings")
    if not service["model"] or not 1 <= service["dimensions"] <= MOST_DIMENSIONS:
        raise ImproperlyConfigured(
            "SEARCH_EMBEDDING_URL needs SEARCH_EMBEDDING_MODEL, and SEARCH_EMBEDDING_DIMENSIONS"
            f" from 1 to {MOST_DIMENSIONS}: how many numbers the model gives for a text"
        )
    if service["api_key"] and parts.scheme != "https" and parts.hostname not in _OWN:
        raise ImproperlyConfigured("SEARCH_EMBEDDING_API_KEY needs https:// in SEARCH_EMBEDDING_URL")
    return service
