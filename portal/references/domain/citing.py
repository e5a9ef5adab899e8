"""Recording who cites what, and showing both ends to a viewer."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.db import transaction

from portal.ground.suppliers import Viewer
from portal.references.models import Reference


@dataclasses.dataclass(frozen=True)
class Cited:
    """One end of a citation as a viewer may see it. `now` is what the target is like today (compared with `seen`)."""

    title: str
    url: str
    label: str = ""
    now: str = ""


Resolver = Callable[[Sequence[uuid.UUID], Viewer], Mapping[uuid.UUID, Cited]]
_resolvers: dict[str, Resolver] = {}


class UnknownKind(LookupError):
    """No app declared how things of this kind are resolved."""


@dataclasses.dataclass(frozen=True)
class Citation:
    """A citation with the end that was asked for. `changed` says that the target is no longer what the source's editor saw."""

    kind: str
    uid: uuid.UUID
    cited: Cited
    changed: bool


def register_kind(kind: str, resolver: Resolver) -> None:
    """Declare how things of `kind` are resolved: (uids, viewer) to what the viewer may see of them. Called in `AppConfig.ready`.

    The resolver leaves out what the viewer may not see, as if absent.
    """
    _resolvers[kind] = resolver


def resolve(kind: str, uids: Iterable[uuid.UUID], viewer: Viewer) -> Mapping[uuid.UUID, Cited]:
    """What the viewer may see of the things with these uids. Raises UnknownKind."""
    wanted = list(dict.fromkeys(uids))
    if kind not in _resolvers:
        raise UnknownKind(kind)
    return _resolvers[kind](wanted, viewer) if wanted else {}


def record(source_kind: str, source_uid: uuid.UUID, targets: Mapping[tuple[str, uuid.UUID], str]) -> None:
    """Replace what a source cites: `targets` maps (kind, uid) to what its editor saw. Safe to repeat. Writes Reference rows."""
    with transaction.atomic():
        held = {
            (reference.target_kind, reference.target_uid): reference
            for reference in Reference.objects.filter(source_kind=source_kind, source_uid=source_uid)
        }
        gone = [reference.pk for key, reference in held.items() if key not in targets]
        if gone:
            Reference.objects.filter(pk__in=gone).delete()
        Reference.objects.bulk_create(
            Reference(source_kind=source_kind, source_uid=source_uid, target_kind=kind, target_uid=uid, seen=seen)
            for (kind, uid), seen in targets.items()
            if (kind, uid) not in held
        )
        for key, seen in targets.items():
            reference = held.get(key)
            if reference is not None and reference.seen != seen:
                reference.seen = seen
                reference.save(update_fields=["seen"])


def citations_of(source_kind: str, source_uid: uuid.UUID, viewer: Viewer) -> list[Citation]:
    """What a source cites, as far as the viewer may see it; kinds whose app is gone are left out."""
    references = list(Reference.objects.filter(source_kind=source_kind, source_uid=source_uid).order_by("pk"))
    return _shown([(r.target_kind, r.target_uid, r.seen) for r in references], viewer)


def cited_by(target_kind: str, target_uid: uuid.UUID, viewer: Viewer) -> list[Citation]:
    """Who cites a target, as far as the viewer may see it."""
    references = Reference.objects.filter(target_kind=target_kind, target_uid=target_uid).order_by("-pk")[:200]
    return _shown([(r.source_kind, r.source_uid, "") for r in references], viewer)


def _shown(ends: list[tuple[str, uuid.UUID, str]], viewer: Viewer) -> list[Citation]:
    found: dict[tuple[str, uuid.UUID], Cited] = {}
    for kind in {kind for kind, _, _ in ends if kind in _resolvers}:
        for uid, cited in resolve(kind, [uid for other, uid, _ in ends if other == kind], viewer).items():
            found[(kind, uid)] = cited
    return [
        Citation(kind, uid, found[(kind, uid)], bool(seen) and found[(kind, uid)].now != seen)
        for kind, uid, seen in ends
        if (kind, uid) in found
    ]
