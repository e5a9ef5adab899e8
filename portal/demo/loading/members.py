"""1,581 invented members with their posts."""

from __future__ import annotations

import datetime as dt
import random

from portal.demo.content_files import read_toml
from portal.demo.loading.context import Context
from portal.demo.people import branch_sizes, day_between, names
from portal.organisations.domain.members import enter_members
from portal.organisations.domain.rules import term_rule
from portal.organisations.domain.terms import months_before
from portal.organisations.models import Member, Membership, Organisation, Post, Term

MEMBERS = 1581
PROBATIONARY_SHARE = 0.035
COMMITTEE_FROM = 7  # branches with so many members have a branch committee
DEPUTY_FROM = 15
TERM_YEARS = 3
_COMMISSIONERS = (
    Post.Kind.ORGANISATION_COMMISSIONER,
    Post.Kind.PUBLICITY_COMMISSIONER,
    Post.Kind.DISCIPLINE_COMMISSIONER,
)


def load(context: Context) -> str:
    """Enter the members and give them posts."""
    plan = read_toml("organisations.toml")
    draw = context.random_for("members")
    people = read_toml("people.toml")["person"]
    taken = {person["name"] for person in people}
    weights = {
        f"{unit['name']}/{branch}": float(unit["weight"])
        for unit in plan["general_branch"]
        for branch in unit["branches"]
    }
    members: list[Member] = []
    for key, size in branch_sizes(weights, plan["sizes"], MEMBERS, draw).items():
        own = [person["name"] for person in people if person["organisation"] == key]
        retired = key.startswith("离退休")
        for name, generation in _people(size - len(own), retired, draw, taken):
            members.append(_member(name, generation, context, context.organisations[key], draw))
        members += [_named(name, context.organisations[key], draw) for name in own]
    entered = enter_members(members, since=dt.date(context.today.year, 1, 4))
    _stays_from_the_beginning()
    posts = _posts(context, people, draw)
    Post.objects.bulk_create(posts, batch_size=500)
    terms = {post.organisation_id: (post.since, post.until) for post in posts}
    Term.objects.bulk_create(
        [Term(organisation_id=pk, number=1, since=since, until=until) for pk, (since, until) in terms.items()],
        batch_size=500,
    )
    return f"党员 {entered} 名，职务 {len(posts)} 个"


def _stays_from_the_beginning() -> None:
    """Everybody has been where they are since joining, or since there is such an organisation, so that earlier days have people."""
    stays = list(Membership.objects.select_related("member", "organisation"))
    for stay in stays:
        known = [day for day in (stay.member.joined_on, stay.organisation.founded_on) if day is not None]
        stay.since = max(known, default=stay.since)
    Membership.objects.bulk_update(stays, ["since"], batch_size=500)


def _people(count: int, retired: bool, draw: random.Random, taken: set[str]) -> list[tuple[str, str]]:
    generations = ["elder" if retired else draw.choices(("middle", "young"), (6, 4))[0] for _ in range(count)]
    return [(names(1, generation, draw, taken)[0], generation) for generation in generations]


def _member(name: str, generation: str, context: Context, home: Organisation, draw: random.Random) -> Member:
    span = {
        "elder": (dt.date(1972, 7, 1), dt.date(1996, 6, 30)),
        "middle": (dt.date(1996, 7, 1), dt.date(2014, 12, 31)),
        "young": (dt.date(2012, 1, 1), dt.date(2024, 12, 31)),
    }[generation]
    stage, joined = Member.Stage.FULL, day_between(*span, draw)
    if generation == "young" and draw.random() < PROBATIONARY_SHARE / 0.36:
        stage, joined = Member.Stage.PROBATIONARY, day_between(context.days_ago(340), context.days_ago(20), draw)
    return Member(name=name, organisation=home, stage=stage, joined_on=joined)


def _named(name: str, home: Organisation, draw: random.Random) -> Member:
    joined = day_between(dt.date(2003, 1, 1), dt.date(2016, 12, 31), draw)
    return Member(name=name, organisation=home, stage=Member.Stage.FULL, joined_on=joined)


def _posts(context: Context, people: list[dict[str, str]], draw: random.Random) -> list[Post]:
    """Secretaries everywhere, branch committees where there are members enough, posts of the upper levels."""
    by_home: dict[int, list[Member]] = {}
    for member in Member.objects.filter(stage=Member.Stage.FULL).order_by("pk"):
        by_home.setdefault(member.organisation_id, []).append(member)
    secretaries = {person["name"] for person in people if person.get("post") == "secretary"}
    posts: list[Post] = []
    for key, organisation in context.organisations.items():
        if organisation.kind == Organisation.Kind.BRANCH:
            candidates = by_home[organisation.pk]
            draw.shuffle(candidates)
            candidates.sort(key=lambda member: member.name not in secretaries)
            kinds = [Post.Kind.SECRETARY]
            if len(candidates) >= DEPUTY_FROM:
                kinds.append(Post.Kind.DEPUTY_SECRETARY)
            if len(candidates) >= COMMITTEE_FROM:
                kinds += _COMMISSIONERS
        else:
            offices = "机关党总支" if key == "" else key
            below = [o for name, o in context.organisations.items() if name.startswith(f"{offices}/")]
            candidates = [member for o in below for member in by_home[o.pk][-3:]]
            draw.shuffle(candidates)
            kinds = [Post.Kind.SECRETARY, Post.Kind.DEPUTY_SECRETARY, *_COMMISSIONERS]
        since = day_between(context.days_ago(900), context.days_ago(60), draw)
        rule = term_rule(organisation.kind)
        until = months_before(since, -12 * (rule.years if rule is not None else TERM_YEARS))
        posts += [
            Post(organisation=organisation, member=member, kind=kind, since=since, until=until)
            for kind, member in zip(kinds, candidates, strict=False)
        ]
    return posts
