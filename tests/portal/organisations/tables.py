"""Tables of the register as somebody would upload them."""

import datetime as dt
import io

from portal.organisations.domain.history import Change
from portal.organisations.domain.register.importing import import_register
from portal.organisations.models import (
    Organisation,
    OrganisationEvent,
    OrganisationEventPart,
    OrganisationState,
    Post,
    Term,
)
from portal.shared.sheets import write_csv, write_xlsx

HEADING = ["组织编码", "上级编码", "类别", "名称", "简称", "成立日期", "地址", "联系方式", "经度", "纬度", "简介"]
CHANGE = Change(dt.date(2026, 3, 1), "甲党〔2026〕3号")


def table(*rows, form="csv"):
    target = io.BytesIO()
    heading = [*HEADING, "班子成员", "本届起始", "届满日期"]
    lines = [heading, *(list(row) + [""] * (len(heading) - len(row)) for row in rows)]
    if form == "csv":
        write_csv(lines, target)
    else:
        write_xlsx("组织", lines, target, columns=len(heading))
    return target.getvalue()


def forget_the_register():
    for model in (Post, Term, OrganisationEventPart, OrganisationEvent, OrganisationState, Organisation):
        model.objects.all().delete()


def bring_in(*rows, dry_run=False):
    return import_register(table(*rows), paths=None, change=CHANGE, dry_run=dry_run)
