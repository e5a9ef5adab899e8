"""Posts and terms in the table: who is meant by a name, and bringing an organisation's leading body in line with a row."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from portal.organisations.domain.history import Change
from portal.organisations.domain.register.reading import Named, WrongCell
from portal.organisations.domain.terms import appoint, elect, relieve
from portal.organisations.models import Member, Organisation, Post, Term
from portal.shared.batches import batched

_BATCH = 500
_TAIL = 12


class NotOnFile(Exception):
    """Nobody of these names is on file yet: `args[0]` says who."""


@dataclasses.dataclass
class Aligned:
    """What was done to one leading body."""

    elected: int = 0
    appointed: int = 0
    relieved: int = 0


class Leaders:
    """The posts and running terms of some organisations, and the people whom rows may name. Five queries for a thousand."""

    def __init__(self, organisations: Sequence[Organisation], names: Iterable[str] = ()) -> None:
        ids = [row.pk for row in organisations]
        self._posts: dict[int, list[Post]] = defaultdict(list)
        held = Post.objects.filter(organisation__in=ids, ended_on__isnull=True).select_related("member__organisation")
        for post in held.order_by("pk"):
            self._posts[post.organisation_id].append(post)
        running = Term.objects.filter(organisation__in=ids, ended_on__isnull=True)
        self._terms = {term.organisation_id: term for term in running}
        self._people: dict[str, dict[int, Member]] = defaultdict(dict)
        holders = [post.member for posts in self._posts.values() for post in posts]
        wanted = sorted({*names, *(member.name for member in holders)})
        there = Member.objects.exclude(stage=Member.Stage.LEFT).select_related("organisation")
        for part in batched(wanted, _BATCH):
            for member in there.filter(name__in=part):
                self._people[member.name][member.pk] = member
        for member in holders:
            self._people[member.name][member.pk] = member

    def term_of(self, organisation: Organisation) -> Term | None:
        """The running term."""
        return self._terms.get(organisation.pk)

    def named_by_post(self, organisation: Organisation) -> dict[str, list[Named]]:
        """Who holds which post, each by the shortest name that means nobody else."""
        found: dict[str, list[Named]] = {}
        for kind in Post.Kind.values:
            for post in self._posts[organisation.pk]:
                if post.kind == kind:
                    found.setdefault(kind, []).append(self._shortest(post.member, organisation))
        return found

    def _shortest(self, member: Member, organisation: Organisation) -> Named:
        code, tail = member.organisation.code, str(member.uid)[-_TAIL:]
        ways = [Named(member.name), Named(member.name, code), Named(member.name, code, tail)]
        return next((way for way in ways if self.meant(way, organisation) == [member]), ways[-1])

    def meant(self, named: Named, organisation: Organisation) -> list[Member]:
        """Whom a name in the row of an organisation can mean: people of the organisation and below, and whoever holds a post
        there."""
        holders = {post.member_id for post in self._posts[organisation.pk]}
        return [
            member
            for member in self._people.get(named.name, {}).values()
            if (not named.code or member.organisation.code == named.code)
            and (not named.tail or str(member.uid).endswith(named.tail))
            and (
                organisation.is_league or member.pk in holders or member.organisation.path.startswith(organisation.path)
            )
        ]

    def align(
        self,
        organisation: Organisation,
        wanted: Sequence[tuple[Named, str]],
        since: dt.date | None,
        until: dt.date | None,
        change: Change,
    ) -> Aligned:
        """Bring posts and term in line with a row: a later `since` is an election, other differences are appointments and
        departures on the day of `change`; nothing named leaves all as it is.

        Raises WrongCell, NotOnFile (nothing is done then), what `elect`, `appoint` and `relieve` raise.
        """
        people = self._members(wanted, organisation)
        term, posts = self.term_of(organisation), self._posts[organisation.pk]
        held = {(post.member_id, post.kind): post for post in posts}
        if until is not None and since is None and term is None:
            raise WrongCell("term_since", _("填写了届满日期，也要填写本届起始。"))
        if since is not None and (term is None or since > term.since):
            if posts and not people:
                raise WrongCell("leaders", _("换届要写明新一届班子成员。"))
            told = {"document_number": change.document_number, "by": change.by, "note": change.note}
            elect(organisation, people, on=since, until=until, **told)
            return Aligned(elected=1)
        if term is not None:
            _unchanged("term_since", term.since, since)
            _unchanged("term_until", term.until, until)
        done = Aligned()
        if not wanted:
            return done
        for member, kind in people:
            if (member.pk, kind) not in held:
                appoint(organisation, member, kind, on=change.on, by=change.by)
                done.appointed += 1
        meant = {(member.pk, kind) for member, kind in people}
        for key, post in held.items():
            if key not in meant:
                relieve(post, on=change.on, by=change.by)
                done.relieved += 1
        return done

    def _members(self, wanted: Sequence[tuple[Named, str]], organisation: Organisation) -> list[tuple[Member, str]]:
        found, missing = [], []
        for named, kind in wanted:
            people = self.meant(named, organisation)
            if len(people) > 1:
                where = "、".join(
                    f"{one.name}@{one.organisation.code}#{str(one.uid)[-_TAIL:]}（{one.organisation}）"
                    for one in people[:5]
                )
                message = _("有几位%(name)s，请写明：%(where)s")
                raise WrongCell("leaders", message % {"name": named.name[:60], "where": where})
            if people:
                found.append((people[0], kind))
            else:
                missing.append(str(named)[:60])
        if missing:
            raise NotOnFile("、".join(missing[:10]))
        return found


def _unchanged(column: str, known: dt.date, given: dt.date | None) -> None:
    if given is not None and given != known:
        raise WrongCell(column, _("登记的是 %(day)s，导入不能改；换届请填写更晚的本届起始。") % {"day": known})
