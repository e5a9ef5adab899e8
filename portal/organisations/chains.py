"""The chains of sealed records that belong to organisations: their keys, their names, who oversees them."""

from __future__ import annotations

from typing import Any

from portal.organisations.domain.history import CHAINS, chain_of
from portal.organisations.domain.rights import paths_where, within_paths
from portal.organisations.models import Organisation

__all__ = ["PREFIX", "chain_of", "overseen"]

PREFIX = CHAINS


def overseen(user: Any, right: str) -> list[tuple[str, str]]:
    """Keys and names of the chains of all organisations, ended ones too, in which `user` holds `right`. One query."""
    rows = Organisation.objects.filter(within_paths(paths_where(user, right), "path")).order_by("path")
    return [(f"{PREFIX}:{uid}", name) for uid, name in rows.values_list("uid", "name")]
