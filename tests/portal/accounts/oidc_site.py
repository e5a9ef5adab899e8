"""A real OpenID Connect service (oidc-provider-mock) as a site of its own, with PKCE checked in front of it:
`python -m tests.portal.accounts.oidc_site PORT NAME...`. `GET /fitting` says how many token requests had a fitting verifier."""

import base64
import hashlib
import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from oidc_provider_mock import User, app
from werkzeug.serving import WSGIRequestHandler, run_simple


class WatchingPkce:
    """Refuses a request for a code without an S256 challenge, and one for a token whose verifier does not fit (RFC 7636)."""

    def __init__(self, site: Callable[..., Iterable[bytes]]) -> None:
        self.site = site
        self.challenges: set[str] = set()
        self.fitting = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/fitting":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(self.fitting).encode()]
        if path.endswith("/authorize"):
            asked = parse_qs(environ["QUERY_STRING"])
            if asked.get("code_challenge_method") != ["S256"]:
                start_response("400 Bad Request", [])
                return [b""]
            self.challenges.update(asked["code_challenge"])
        if path.endswith("/token"):
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = io.BytesIO(body)
            verifier = parse_qs(body.decode()).get("code_verifier", [""])[0]
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
            if digest not in self.challenges:
                start_response("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']
            self.fitting += 1
        return self.site(environ, start_response)


class Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Nothing."""


def main(port: int, names: list[str]) -> None:
    """Serve until stopped."""
    people = [User(sub=f"id-{name}", claims={"preferred_username": name}) for name in names]
    site = WatchingPkce(app(require_nonce=True, user_claims=people))
    run_simple("127.0.0.1", port, site, threaded=True, request_handler=Quiet)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
