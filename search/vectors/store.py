"""Where vectors are kept: beside the index in the data folder, or in Elasticsearch."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from search.query.plan import Restriction
from search.vectors.service import Maker, Vector


@dataclasses.dataclass(frozen=True)
class VectorRow:
    """The vector of a row, with all that decides who may meet it. `digest` names the text it was made from."""

    key: str
    kind: str
    type: str
    tokens: tuple[str, ...]
    secrecy: int
    valid_from: int
    valid_to: int
    facets: Mapping[str, str | Sequence[str]]
    digest: str
    vector: Vector


class VectorStore(Protocol):
    """Vectors made by `of`. Every method raises SearchUnavailable when it cannot do its work now; all but `maker` and `begin`
    when those that are there were made by another."""

    of: Maker

    def maker(self) -> Maker | None:
        """What made the vectors that are there; None when nothing was begun."""

    def begin(self) -> None:
        """Drop whatever is there, whoever made it, and take vectors from now on."""

    def known(self, digests: Collection[str]) -> dict[str, Vector]:
        """The vectors that are there already for some texts."""

    def replace(self, groups: Mapping[str, Sequence[VectorRow]]) -> None:
        """Replace all rows of these groups ("kind:uid"); a group without rows is gone. Seen by `nearest` when it returns."""

    def nearest(self, vector: Vector, restriction: Restriction, limit: int) -> list[tuple[str, float]]:
        """The keys of the rows that pass the restriction and whose vectors are nearest, with their cosines, nearest first."""

    def count(self) -> int:
        """How many vectors there are."""
