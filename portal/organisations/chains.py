"""The chains of sealed records that belong to organisations: their keys, their names, who oversees them."""

from __future__ import annotations

from typing import Any

from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation

PREFIX = "org"


def chain_of(organisation: Organisation) -> str:
    """The key of an organisation's chain, for `portal.records.domain.sealing.seal`."""
    return f"{PREFIX}:{organisation.uid}"


def overseen(user: Any, right: str) -> list[tuple[str, str]]:
    """Keys and names of the chains of all organisations, ended ones too, in which `user` holds `right`. One query."""
    rows = Organisation.objects.filter(within_paths(paths_where(user, right), "path")).order_by("path")
    return [(f"{PREFIX}:{uid}", name) for uid, name in rows.values_list("uid", "name")]
