"""One committee, 18 general branches, 121 branches."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from portal.demo.content_files import read_toml
from portal.demo.loading.context import Context
from portal.demo.people import day_between
from portal.organisations.domain.tree import found_organisation
from portal.organisations.models import Organisation


def load(context: Context) -> str:
    """Found the organisations of the demo."""
    plan = read_toml("organisations.toml")
    draw = context.random_for("organisations")
    committee = found_organisation(
        parent=None,
        kind=Organisation.Kind.COMMITTEE,
        **_place(0, 0),
        introduction="公司党委下设十八个党总支、一百二十一个党支部，负责澜川市轨道交通一至六号线的运营服务。",
        **plan["committee"],
    )
    company = committee.name.removeprefix("中共").removesuffix("委员会")
    branches = 0
    for number, unit in enumerate(plan["general_branch"], start=1):
        code = f"{committee.code}{number:02}"
        general = found_organisation(
            code=code,
            name=f"中共{company}{unit['name'].removesuffix('党总支')}总支部委员会",
            short_name=unit["name"],
            kind=Organisation.Kind.GENERAL_BRANCH,
            parent=committee,
            founded_on=unit["founded_on"],
            **_place(number, 0),
            introduction=f"{unit['name']}成立于{unit['founded_on'].year}年，下设{len(unit['branches'])}个党支部。{unit['duty']}。",
        )
        for place, name in enumerate(unit["branches"], start=1):
            founded = day_between(unit["founded_on"], max(unit["founded_on"], dt.date(2021, 6, 30)), draw)
            found_organisation(
                code=f"{code}{place:02}",
                name=f"中共{company}{unit['name'].removesuffix('党总支')}{name}支部委员会",
                short_name=f"{name}党支部",
                kind=Organisation.Kind.BRANCH,
                parent=general,
                founded_on=founded,
                **(_place(number, place) if place % 3 == 1 else {}),
                introduction=f"{name}党支部隶属{unit['name']}，成立于{founded.year}年{founded.month}月。所在单位{unit['duty']}。",
            )
            branches += 1
    return f"党委 1 个，党总支 {len(plan['general_branch'])} 个，党支部 {branches} 个"


def _place(number: int, branch: int) -> dict[str, Decimal]:
    """A made-up place: the general branches along two crossing lines of a town that does not exist, the branches near theirs."""
    along = (number % 9 - 4) * 0.021
    latitude, longitude = (30.62 + along, 121.35 + along / 3) if number <= 9 else (30.62 - along / 4, 121.35 + along)
    if number == 0:
        latitude, longitude = 30.628, 121.343
    return {
        "latitude": Decimal(f"{latitude + branch * 0.0017 * (-1) ** branch:.6f}"),
        "longitude": Decimal(f"{longitude + branch * 0.0023:.6f}"),
    }
