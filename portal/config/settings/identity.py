"""Identity services of the unit, each by one address: who asks, where, and how what it says names a user here."""

from __future__ import annotations

import dataclasses
import ipaddress
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

MATCHES = ("username", "work_number", "phone")
_SCHEMES = {
    "oidc": {"https", "http"},
    "cas": {"https", "http"},
    "wecom": {"https", "http"},
    "dingtalk": {"https", "http"},
    "ldap": {"ldaps", "ldap"},
}
_KNOWN = {
    "oidc": {"claim", "scope"},
    "cas": {"claim"},
    "wecom": {"agent", "login"},
    "dingtalk": {"login", "claim"},
    "ldap": {"attribute", "subject", "filter", "starttls"},
}


@dataclasses.dataclass(frozen=True)
class IdentityService:
    """One service. `client` and `secret` are what we sign in to it with; `match` says what of ours its claim names."""

    kind: str
    address: str
    client: str
    secret: str = dataclasses.field(repr=False)
    match: str
    label: str
    ca: str
    options: dict[str, str]


def service_for(kind: str, address: str) -> IdentityService | None:
    """What an address such as `https://CLIENT:SECRET@sso.example.cn/realms/unit?match=work_number&label=统一认证` says; None when
    it is empty. Raises ImproperlyConfigured for a wrong one, or one that is not encrypted and leaves this machine."""
    if not address:
        return None
    name = f"{kind.upper()}_URL"
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES[kind] or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must begin with {' or '.join(sorted(_SCHEMES[kind], reverse=True))}://host")
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    match, label, ca = query.pop("match", "username"), query.pop("label", ""), query.pop("ca", "")
    if match not in MATCHES:
        raise ImproperlyConfigured(f"{name}: match must be one of {', '.join(MATCHES)}, not {match!r}")
    if unknown := sorted(set(query) - _KNOWN[kind]):
        raise ImproperlyConfigured(f"{name}: unknown parameter {', '.join(unknown)}")
    encrypted = parts.scheme.endswith("s") or (kind == "ldap" and query.get("starttls") == "1")
    if not encrypted and not _is_loopback(parts.hostname):
        raise ImproperlyConfigured(
            f"{name}: passwords and codes leave this machine only encrypted (https, ldaps, starttls=1)"
        )
    host = parts.netloc.rpartition("@")[2]
    return IdentityService(
        kind=kind,
        address=f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        client=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
        match=match,
        label=label,
        ca=ca,
        options=query,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
