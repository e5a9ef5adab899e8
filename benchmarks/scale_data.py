"""A large invented site for measurements: 100,000 members in 6,000 organisations, and 100,000 pages when asked for.

    DATABASE_URL=… LINGHANG_DATA=… python -m benchmarks.scale_data [--members N] [--organisations N] [--pages N]

migrates the database that the environment names and fills it; a database that was filled already is left as it is. The same
numbers give the same site every time (save uids). Everything goes in by bulk: no events, no search documents, no jobs.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import os
import random
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import django

ORGANISATIONS = 6000
MEMBERS = 100_000
PAGES = 100_000
TOP_CODE = "SCALE"
FOUNDED = dt.date(2011, 7, 1)
LOGINS = 6000
_BATCH = 2000
_PLACES = "东西南北中江河湖海山川林原城关桥港湾溪岭"
_TRADES = (
    "检修",
    "运转",
    "调度",
    "线路",
    "供电",
    "信号",
    "桥隧",
    "乘务",
    "客运",
    "货运",
    "机务",
    "工程",
    "物资",
    "后勤",
    "技术",
)


@dataclasses.dataclass(frozen=True)
class Scale:
    """What lies in the database now."""

    organisations: int
    members: int
    logins: int
    pages: int
    seconds: float


def fill(organisations: int = ORGANISATIONS, members: int = MEMBERS, pages: int = 0, logins: int = LOGINS) -> Scale:
    """Fill the database of the running Django with one committee tree, members, logins with roles, posts, and pages.

    What is there already is left: organisations and members are made when the tree is missing, pages when they are. Every
    login holds one grant or one member file or both; the committee at the top, of code `TOP_CODE`, has the login
    `scale-admin`. Returns what there is.
    """
    from django.contrib.auth import get_user_model

    from portal.basepage.models import BasePage
    from portal.organisations.models import Member, Organisation

    began = time.perf_counter()
    if not Organisation.objects.filter(code=TOP_CODE).exists():
        draw = random.Random(20261121)
        tree = _organisations(organisations, draw)
        _members(tree, members, draw)
        _logins(tree, logins, draw)
    if pages and not BasePage.objects.filter(slug__startswith="scale-").exists():
        _pages(pages, random.Random(42))
    _analyse()
    return Scale(
        organisations=Organisation.objects.count(),
        members=Member.objects.count(),
        logins=get_user_model().objects.count(),
        pages=BasePage.objects.count(),
        seconds=round(time.perf_counter() - began, 1),
    )


def _in_batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _create(model: Any, rows: Iterable[Any]) -> list[Any]:
    from django.db import transaction

    made: list[Any] = []
    with transaction.atomic():
        for batch in _in_batches(rows):
            made += model._base_manager.bulk_create(batch, batch_size=500)
    return made


def _organisations(count: int, draw: random.Random) -> list[Any]:
    """A committee, below it 19 committees with 20 general branches each, and the other organisations as their branches."""
    from portal.organisations.models import Organisation, OrganisationState
    from portal.shared.slugs import pinyin_key

    kind = Organisation.Kind
    rows: list[Organisation] = []
    number_below: dict[str, int] = {}

    def add(parent: Organisation | None, code: str, name: str, short_name: str, what: str) -> Organisation:
        above = parent.path if parent is not None else ""
        step = number_below.get(above, _roots() if parent is None else 0) + 1
        number_below[above] = step
        row = Organisation(
            path=Organisation._get_path(above, len(above) // Organisation.steplen + 1, step),
            depth=len(above) // Organisation.steplen + 1,
            code=code,
            name=name,
            short_name=short_name,
            kind=what,
            founded_on=FOUNDED + dt.timedelta(days=draw.randrange(2000)) if parent is not None else FOUNDED,
            pinyin=pinyin_key(name, short_name),
        )
        rows.append(row)
        return row

    top = add(None, TOP_CODE, "中共远山建设集团有限公司委员会", "远山集团党委", kind.COMMITTEE)
    middle = max(1, min(19, count // 300))
    generals: list[Organisation] = []
    for number in range(1, middle + 1):
        place = f"{draw.choice(_PLACES)}{draw.choice(_PLACES)}"
        name = f"{place}分公司{number:02}"
        committee = add(top, f"{TOP_CODE}{number:02}", f"中共{name}委员会", f"{name}党委", kind.COMMITTEE)
        for second in range(1, 21):
            unit = f"{place}{draw.choice(_TRADES)}段{second:02}"
            code = f"{committee.code}{second:02}"
            generals.append(add(committee, code, f"中共{unit}总支部委员会", f"{unit}党总支", kind.GENERAL_BRANCH))
    for number in range(count - len(rows)):
        general = generals[number % len(generals)]
        third = number // len(generals) + 1
        team = f"{draw.choice(_PLACES)}{draw.choice(_TRADES)}{third:02}班"
        what = kind.JOINT_BRANCH if draw.random() < 0.03 else kind.BRANCH
        add(general, f"{general.code}{third:02}", f"中共{team}支部委员会", f"{team}党支部", what)
    for row in rows:
        row.numchild = number_below.get(row.path, 0)
    _create(Organisation, rows)
    by_path = {row.path: row for row in rows}
    _create(
        OrganisationState,
        (
            OrganisationState(
                organisation=row,
                parent=by_path.get(row.parent_path),
                name=row.name,
                short_name=row.short_name,
                kind=row.kind,
                since=row.founded_on,
            )
            for row in rows
        ),
    )
    return rows


def _roots() -> int:
    from portal.organisations.models import Organisation

    return Organisation.objects.filter(depth=1).count()


def _members(tree: list[Any], count: int, draw: random.Random) -> None:
    """Members of the branches, about equally many with a wide spread; a fifth of them came from another branch; secretaries."""
    from portal.demo.people import day_between, surname_and_given
    from portal.organisations.models import Member, Membership, Organisation, Post

    generations = (
        ("建志海宏世学晓春", "民林平勤东斌辉勇"),
        ("子思一嘉宇俊若雨", "涵轩睿航辰朗琪妍"),
        ("德福庆永振绍润培", "昌年祥生泉田良顺"),
    )
    branches = [row for row in tree if row.kind in Organisation.BRANCH_KINDS]
    weights = [draw.lognormvariate(0, 0.5) for _ in branches]
    homes = [*branches, *draw.choices(branches, weights, k=max(0, count - len(branches)))][:count]
    stages = (
        [Member.Stage.FULL] * 93 + [Member.Stage.PROBATIONARY] * 3 + [Member.Stage.ACTIVIST] * 3 + [Member.Stage.LEFT]
    )

    def files() -> Iterator[Member]:
        for home in homes:
            name = surname_and_given(draw, draw.choice(generations))
            joined = day_between(dt.date(1980, 7, 1), dt.date(2025, 6, 30), draw)
            yield Member(name=name, organisation=home, stage=draw.choice(stages), joined_on=joined)

    members = _create(Member, files())

    def memberships() -> Iterator[Membership]:
        for member in members:
            since = member.organisation.founded_on
            if draw.random() < 0.2:
                moved = day_between(dt.date(2018, 1, 1), dt.date(2026, 6, 30), draw)
                yield Membership(member=member, organisation=draw.choice(branches), since=since, until=moved)
                since = moved
            yield Membership(member=member, organisation=member.organisation, since=since)

    _create(Membership, memberships())
    first: dict[int, Member] = {}
    for member in members:
        first.setdefault(member.organisation_id, member)
    _create(
        Post,
        (
            Post(
                organisation_id=organisation_id,
                member=member,
                kind=Post.Kind.SECRETARY,
                since=dt.date(2024, 7, 1),
                until=dt.date(2027, 6, 30),
            )
            for organisation_id, member in first.items()
        ),
    )


def _logins(tree: list[Any], count: int, draw: random.Random) -> None:
    """One administrator at the top; the others belong to the first members, most of them secretaries of their branch."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password

    from portal.organisations.models import Member, Organisation, Post, Role, RoleGrant

    user_model = get_user_model()
    nobody = make_password(None)
    holders = list(
        Post.objects.filter(kind=Post.Kind.SECRETARY).order_by("pk")[:count].values_list("member", "organisation")
    )
    users = _create(
        user_model,
        [
            user_model(username="scale-admin", display_name="管理员", password=nobody),
            *(
                user_model(username=f"scale-{n:05}", display_name=f"书记{n}", password=nobody)
                for n in range(len(holders))
            ),
        ],
    )
    grants = [RoleGrant(user=users[0], role=Role.ADMIN, organisation=tree[0], valid_from=FOUNDED)]
    uppers = [row for row in tree if row.kind == Organisation.Kind.GENERAL_BRANCH]
    members = Member.objects.in_bulk([member for member, _organisation in holders])
    changed = []
    for user, (member_id, organisation_id) in zip(users[1:], holders, strict=True):
        members[member_id].user = user
        changed.append(members[member_id])
        grants.append(
            RoleGrant(user=user, role=Role.SECRETARY, organisation_id=organisation_id, valid_from=dt.date(2024, 7, 1))
        )
        if draw.random() < 0.1:
            grants.append(
                RoleGrant(user=user, role=Role.EDITOR, organisation=draw.choice(uppers), valid_from=dt.date(2024, 7, 1))
            )
    for batch in _in_batches(changed):
        Member.objects.bulk_update(batch, ["user"], batch_size=500)
    _create(RoleGrant, grants)


def _pages(count: int, draw: random.Random) -> None:
    """Pages in sections of 1,000: half public, the others for all members, for a subtree, or for a role in one."""
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import Locale

    from portal.basepage.models import BasePage
    from portal.ground.clock import now
    from portal.news.models import ArticlePage
    from portal.organisations.domain.audiences import (
        members_audience,
        organisation_audience,
        public_audience,
        role_audience,
    )
    from portal.organisations.models import Organisation

    units = list(Organisation.objects.filter(code__startswith=TOP_CODE).exclude(kind=Organisation.Kind.BRANCH))[:400]
    branches = list(Organisation.objects.filter(code__startswith=TOP_CODE, kind=Organisation.Kind.BRANCH)[:2000])
    everybody, members = public_audience(), members_audience()
    subtree = {row.pk: organisation_audience(row) for row in [*units, *branches]}
    roles = {row.pk: role_audience("secretary", row) for row in units[:40]}
    root = BasePage.objects.filter(depth=1).order_by("path").first()
    assert root is not None
    home = BasePage.objects.filter(depth=2).order_by("path").first()
    above = home or root
    kind = ContentType.objects.get_for_model(ArticlePage)  # what lists read stands in the row of the base page
    locale = Locale.objects.order_by("pk").first()
    moment = now()
    start = above.numchild

    def page(path: str, depth: int, children: int, number: int) -> BasePage:
        luck = draw.random()
        owner = draw.choice(branches or units)
        if luck < 0.5:
            audience = everybody
        elif luck < 0.7:
            audience = members
        elif luck < 0.95:
            owner = draw.choice(units if draw.random() < 0.4 else branches or units)
            audience = subtree[owner.pk]
        else:
            owner = draw.choice(units[:40])
            audience = roles[owner.pk]
        title = f"第{number}号稿件：{owner.short_name}学习纪要"
        return BasePage(
            path=path,
            depth=depth,
            numchild=children,
            title=title,
            draft_title=title,
            slug=f"scale-{number}",
            url_path=f"{above.url_path}scale-{number}/",
            content_type=kind,
            locale=locale,
            live=draw.random() < 0.97,
            first_published_at=moment - dt.timedelta(minutes=number),
            last_published_at=moment - dt.timedelta(minutes=number),
            latest_revision_created_at=moment - dt.timedelta(minutes=number),
            display_date=dt.date(2026, 11, 1) - dt.timedelta(days=draw.randrange(3650)),
            owner_organisation=owner,
            audience=audience,
            secrecy=draw.choices((0, 1, 2), (90, 8, 2))[0],
        )

    def rows() -> Iterator[BasePage]:
        number = 0
        sections = max(1, count // 1000)
        for section in range(1, sections + 1):
            path = BasePage._get_path(above.path, above.depth + 1, start + section)
            inside = (count - sections) // sections + (1 if section <= (count - sections) % sections else 0)
            number += 1
            yield page(path, above.depth + 1, inside, number)
            for step in range(1, inside + 1):
                number += 1
                yield page(BasePage._get_path(path, above.depth + 2, step), above.depth + 2, 0, number)

    _create(BasePage, rows())
    BasePage.objects.filter(pk=above.pk).update(numchild=start + max(1, count // 1000))


def _analyse() -> None:
    """Tell the planner what there is, as the databases do by themselves after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    """Migrate and fill the database that the environment names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--organisations", type=int, default=ORGANISATIONS)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--logins", type=int, default=LOGINS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings.production")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    print(fill(options.organisations, options.members, options.pages, options.logins))


if __name__ == "__main__":
    main()
