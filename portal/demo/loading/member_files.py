"""Invented files of the members. Nobody can be meant: ID numbers are of the region 999999 and phones of the area code 0110, which
are given to nobody, though check characters and forms are right."""

from __future__ import annotations

import datetime as dt
import random

from portal.demo.loading.context import Context
from portal.ground.ids import new_uid
from portal.members.domain.corrections import ask_correction
from portal.members.domain.fields import BY_NAME
from portal.members.domain.identity import check_character
from portal.members.domain.missing import watch_key_fields
from portal.members.models import Award, MemberFile
from portal.organisations.models import Member
from portal.shared.slugs import pinyin_key

REGION = "999999"
INCOMPLETE_EVERY = 97  # one file in so many lacks a phone, so that the watch over key facts has something to say
AWARDED_SHARE = 0.04
_EDUCATION = (("bachelor", 55), ("college", 25), ("master", 12), ("vocational", 6), ("doctor", 2))
_NATIONS = (("汉族", 93), ("回族", 3), ("满族", 2), ("土家族", 2))


def load(context: Context) -> str:
    """Fill in a file for every member, some awards, and one correction that waits."""
    draw = context.random_for("member_files")
    members = list(Member.objects.select_related("organisation").order_by("pk"))
    files = [_file(number, member, draw) for number, member in enumerate(members)]
    MemberFile.objects.bulk_create(files, batch_size=500)
    awards = [
        Award(member=member, title="优秀共产党员", issuer="公司党委", happened_on=dt.date(context.today.year - 1, 7, 1))
        for member in members
        if draw.random() < AWARDED_SHARE
    ]
    Award.objects.bulk_create(awards, batch_size=500)
    open_units = watch_key_fields()
    asked = _correction()
    return f"档案 {len(files)} 份，奖励 {len(awards)} 项，信息待补的支部 {open_units} 个，待审更正 {asked} 件"


def _file(number: int, member: Member, draw: random.Random) -> MemberFile:
    joined = member.joined_on or dt.date(2020, 7, 1)
    born_on = dt.date(joined.year - draw.randint(22, 34), draw.randint(1, 12), draw.randint(1, 28))
    man = draw.random() < 0.68
    digits = f"{REGION}{born_on:%Y%m%d}{(number * 2 + man) % 1000:03}"
    id_number = digits + check_character(digits)
    phone = "" if number % INCOMPLETE_EVERY == 0 else f"0110-{5_500_000 + number}"
    is_full = member.stage == Member.Stage.FULL
    return MemberFile(
        member=member,
        gender="male" if man else "female",
        born_on=born_on,
        nation=_one_of(_NATIONS, draw),
        id_number=id_number,
        id_lookup=BY_NAME["id_number"].hashed(id_number),
        phone=phone,
        phone_lookup=BY_NAME["phone"].hashed(phone),
        education=_one_of(_EDUCATION, draw),
        work_unit=str(member.organisation).removesuffix("党支部"),
        applied_on=joined.replace(year=joined.year - 2, day=1),
        activist_on=joined.replace(year=joined.year - 1, day=1),
        full_on=joined.replace(year=joined.year + 1, day=min(joined.day, 28)) if is_full else None,
        pinyin=pinyin_key(member.name)[:200],
    )


def _one_of(choices: tuple[tuple[str, int], ...], draw: random.Random) -> str:
    return draw.choices([name for name, _weight in choices], [weight for _name, weight in choices])[0]


def _correction() -> int:
    """The first member with a login and no role asks for something, so that a secretary finds a task."""
    plain = Member.objects.filter(user__isnull=False, user__role_grants__isnull=True).select_related("user")
    member = plain.order_by("pk").first()
    if member is None:
        return 0
    reason = "今年调到线路车间，人事名册已改。"
    ask_correction(member, "work_unit", "线路车间检修二班", reason, actor=member.user, uid=new_uid())
    return 1
