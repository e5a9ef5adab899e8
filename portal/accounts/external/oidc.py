"""OpenID Connect: authorization code with state, nonce and PKCE (S256); the token is checked by Authlib."""

from __future__ import annotations

from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from portal.accounts.external.people import ExternalPerson, ServiceFailed

TIMEOUT_SECONDS = 10


def _client(service: Any) -> Any:
    options = {"timeout": TIMEOUT_SECONDS, "verify": service.ca or True}
    registry = OAuth()
    return registry.register(
        name="oidc",
        client_id=service.client,
        client_secret=service.secret,
        server_metadata_url=f"{service.address}/.well-known/openid-configuration",
        client_kwargs={
            "scope": service.options.get("scope", "openid profile"),
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
            **({"verify": options["verify"]} if service.ca else {}),
        },
    )


def send_away(request: HttpRequest, service: Any, back: str) -> HttpResponse:
    """To the service's sign-in page; what must come back is kept in the session. Raises ServiceFailed."""
    try:
        response: HttpResponse = _client(service).authorize_redirect(request, back)
    except (AuthlibBaseError, requests.RequestException, RuntimeError, KeyError, ValueError) as error:
        raise ServiceFailed(f"OIDC: {error}") from error
    return response


def person_from(request: HttpRequest, service: Any) -> ExternalPerson:
    """Who came back. Raises ServiceFailed when state, nonce, signature, issuer, audience or time do not fit."""
    client = _client(service)
    try:
        token = client.authorize_access_token(request)
        claims = dict(token.get("userinfo") or {})
        if not claims.get("sub"):
            raise ServiceFailed("OIDC: no identity token came with the access token")
        claim = service.options.get("claim", "preferred_username")
        if claim not in claims:
            more = client.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise ServiceFailed("OIDC: userinfo speaks of somebody else")
            claims.update(more)
    except (AuthlibBaseError, JoseError, requests.RequestException, RuntimeError, KeyError, ValueError) as error:
        raise ServiceFailed(f"OIDC: {error}") from error
    return ExternalPerson(f"{claims.get('iss', service.address)}|{claims['sub']}", str(claims.get(claim) or ""))
