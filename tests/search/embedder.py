"""A small embedding service over real HTTP, for tests and for trying things out: `python -m tests.search.embedder --port 8090`.

Each pair of characters of a text is given a direction by its hash, and the vector of a text is their sum. So it says how many pairs
two texts share, which words say better: it proves that vectors are made, kept, filtered and put together as they should, and
nothing about whether a model would find more.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import http.server
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

DIMENSIONS = 256


def vector_of(text: str, dimensions: int = DIMENSIONS, same: Mapping[str, str] | None = None) -> list[float]:
    """The vector of a text. `same` replaces words before, so that a test can say which two mean the same."""
    for word, other in (same or {}).items():
        text = text.replace(word, other)
    text = "".join(text.lower().split())
    total = [0.0] * dimensions
    for pair, times in collections.Counter(text[n : n + 2] for n in range(max(1, len(text) - 1))).items():
        bits = int.from_bytes(hashlib.shake_128(pair.encode()).digest(-(-dimensions // 8)), "big")
        for place in range(dimensions):
            total[place] += times if bits >> place & 1 else -times
    return total


class Embedder:
    """The service, on a free port of this machine. Its attributes say how it behaves and hold what it was asked."""

    def __init__(self, dimensions: int = DIMENSIONS, port: int = 0) -> None:
        self.dimensions = dimensions
        self.same: dict[str, str] = {}
        self.failures: list[int] = []
        self.delay = 0.0
        self.most_inputs = 1_000
        self.refused = ""
        self.body: bytes | None = None
        self.asked: list[list[str]] = []
        self.headers: list[dict[str, str]] = []
        embedder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                embedder.answer(self)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/embeddings"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Embedder:
        self.thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def texts(self) -> list[str]:
        """All texts that it was asked for."""
        return [text for batch in self.asked for text in batch]

    def settings(self, **changed: Any) -> dict[str, Any]:
        """What `settings.SEARCH_EMBEDDING` would be for it."""
        return {
            "url": self.url,
            "model": "pairs",
            "dimensions": self.dimensions,
            "query_seconds": 2.0,
            "least_likeness": 0.2,
        } | changed

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        """One request."""
        asked = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        self.asked.append(asked["input"])
        self.headers.append(dict(request.headers))
        time.sleep(self.delay)
        status = self.failures.pop(0) if self.failures else 200
        if len(asked["input"]) > self.most_inputs or (self.refused and any(self.refused in t for t in asked["input"])):
            status = 413
        vectors = [vector_of(text, self.dimensions, self.same) for text in asked["input"]] if status == 200 else []
        data = [{"object": "embedding", "index": n, "embedding": vector} for n, vector in enumerate(vectors)]
        body = json.dumps({"object": "list", "model": asked["model"], "data": data[::-1]}).encode()
        body = body if self.body is None else self.body
        try:
            request.send_response(status)
            if status == 503:
                request.send_header("Retry-After", "2")
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)
        except OSError:
            pass  # who asked did not wait


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--dimensions", type=int, default=DIMENSIONS)
    options = parser.parse_args()
    with Embedder(options.dimensions, options.port) as embedder:
        embedder.thread.join()


if __name__ == "__main__":
    main()
