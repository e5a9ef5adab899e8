"""LDAP: find the person with the reader's account, then sign in as the person. Pure Python (ldap3)."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from portal.accounts.external.people import ExternalPerson, ServiceFailed

TIMEOUT_SECONDS = 5
_RIGHT = 0
_WRONG_PASSWORD = 49


def person_by_password(service: Any, login: str, password: str) -> ExternalPerson | None:
    """The person whose name and password these are, or None. Raises ServiceFailed when the directory cannot answer.

    An empty password is refused before the directory sees it: many of them take it for an anonymous sign-in and say yes.
    """
    if not login or not password or "\x00" in login:
        return None
    parts = urlsplit(service.address)
    attribute = service.options.get("attribute", "uid")
    subject = service.options.get("subject", "entryUUID")
    try:
        server = _server(service, parts)
        with _connection(server, service, service.client, service.secret) as reader:
            if not reader.bound:
                raise ServiceFailed("LDAP: the reader's account was refused")
            wanted = f"(&{service.options.get('filter', '')}({attribute}={escape_filter_chars(login)}))"
            base = unquote(parts.path.lstrip("/"))
            reader.search(base, wanted, SUBTREE, attributes=[attribute, subject], size_limit=2)
            found = [entry for entry in reader.response or [] if entry.get("type") == "searchResEntry"]
        if len(found) != 1:
            return None
        entry = found[0]
        with _connection(server, service, entry["dn"], password) as person:
            if person.result["result"] not in (_RIGHT, _WRONG_PASSWORD):
                raise ServiceFailed(f"LDAP: {person.result['description']}")
            if not person.bound:
                return None
    except LDAPException as error:
        raise ServiceFailed(f"LDAP: {error}") from error
    value, fixed = _first(entry, attribute), _first(entry, subject)
    return ExternalPerson(fixed or entry["dn"], value)


def _server(service: Any, parts: Any) -> Server:
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=service.ca or None, version=ssl.PROTOCOL_TLS_CLIENT)
    return Server(
        parts.hostname,
        port=parts.port or (636 if parts.scheme == "ldaps" else 389),
        use_ssl=parts.scheme == "ldaps",
        tls=tls,
        get_info=NONE,
        connect_timeout=TIMEOUT_SECONDS,
    )


@contextlib.contextmanager
def _connection(server: Server, service: Any, name: str, password: str) -> Iterator[Connection]:
    """A connection after its bind, which may have been refused; closed at the end."""
    connection = Connection(
        server,
        user=name or None,
        password=password or None,
        receive_timeout=TIMEOUT_SECONDS,
        read_only=True,
        check_names=False,
        raise_exceptions=False,
    )
    try:
        connection.open()
        if service.options.get("starttls") == "1":
            connection.start_tls()
        connection.bind()
        yield connection
    finally:
        opened = connection.socket  # stays open when connecting or the handshake failed; unbinding forgets it then
        with contextlib.suppress(LDAPException, OSError):
            connection.unbind()
        if opened is not None:
            opened.close()


def _first(entry: dict[str, Any], name: str) -> str:
    values = entry["attributes"].get(name) or ""
    return str(values[0] if isinstance(values, list) else values)
