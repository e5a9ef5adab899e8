"""The reorganisation of a railway section, in invented names: 6 general branches with 54 branches and 750 members become 18
with 121 and 1,581.

Members first, as the figures are given: 14 other units bring 831 people with them, who enter where the new branches are.
"""

from __future__ import annotations

import datetime as dt

from portal.organisations.domain.members import enter_members
from portal.organisations.domain.reorganising import NewOrganisation, merge_organisations, split_organisation
from portal.organisations.domain.tree import (
    found_organisation,
    move_organisation,
    reclassify_organisation,
    rename_organisation,
)
from portal.organisations.models import Member, Organisation

BEFORE, DAY, AFTER = dt.date(2011, 6, 30), dt.date(2011, 8, 1), dt.date(2011, 8, 2)
FOUNDED = dt.date(2005, 7, 1)
GENERALS_BEFORE, BRANCHES_BEFORE, MEMBERS_BEFORE = 6, 54, 750
GENERALS_AFTER, BRANCHES_AFTER, MEMBERS_AFTER = 18, 121, 1581
DOCUMENT = "远铁党〔2011〕37号"
_LINES = ("东线", "西线", "南线", "北线", "枢纽", "机关")


def found_old_section() -> Organisation:
    """1 committee, 6 general branches, 54 branches, 750 members."""
    committee = found_organisation(
        code="Y", name="中共远山工务段委员会", kind="committee", parent=None, founded_on=FOUNDED
    )
    people: list[Member] = []
    for number, line in enumerate(_LINES, 1):
        general = found_organisation(
            code=f"Y{number:02}", name=f"{line}党总支", kind="general_branch", parent=committee, founded_on=FOUNDED
        )
        for place in range(1, 10):
            branch = found_organisation(
                code=f"{general.code}{place:02}",
                name=f"{line}{place}工区党支部",
                kind="branch",
                parent=general,
                founded_on=FOUNDED,
            )
            size = 14 if len(people) < 750 - 13 * (54 - (number - 1) * 9 - place + 1) else 13
            people += [Member(name=f"{line}{place}-{n}", organisation=branch) for n in range(size)]
    missing = MEMBERS_BEFORE - len(people)
    people += [Member(name=f"补{n}", organisation=people[n].organisation) for n in range(max(0, missing))]
    enter_members(people[:MEMBERS_BEFORE], since=dt.date(2008, 1, 1))
    return committee


def reorganise(committee: Organisation, by: object = None) -> None:
    """What the document says: a committee gets a new name, 12 general branches are founded, 8 branches merge into 4, 50 are
    split, moved or founded anew until there are 121; then the 831 of the joining units are entered."""
    told = {"on": DAY, "document_number": DOCUMENT, "by": by}
    rename_organisation(committee, name="中共远山工务机械段委员会", **told)
    generals = list(Organisation.objects.filter(kind="general_branch", ended_on=None))
    for number in range(GENERALS_BEFORE + 1, GENERALS_AFTER + 1):
        generals.append(
            found_organisation(
                code=f"Y{number:02}",
                name=f"第{number}车间党总支",
                kind="general_branch",
                parent=committee,
                founded_on=DAY,
                document_number=DOCUMENT,
                by=by,
            )
        )
    old = list(Organisation.objects.filter(kind="branch"))
    for first, second in ((old[0], old[1]), (old[2], old[3])):  # two pairs become one new branch each: 54 → 52
        new = NewOrganisation(code=f"{first.code}H", name=f"{first.name}（合）", kind="branch")
        merge_organisations([first, second], new, **told)
    merge_organisations([old[5]], old[4], **told)  # one is taken in by its neighbour: 51
    for number in range(10):  # ten are cut into two, the old one ends: 61
        row = Organisation.objects.get(pk=old[10 + number].pk)
        people = list(row.members.order_by("pk").values_list("pk", flat=True))
        parts = [
            NewOrganisation(f"{row.code}A", f"{row.name}一班", "branch", members=people[::2]),
            NewOrganisation(f"{row.code}B", f"{row.name}二班", "joint_branch", members=people[1::2]),
        ]
        split_organisation(row, parts, stays=False, **told)
    for number in range(20):  # twenty give a team away and stay: 81
        row = Organisation.objects.get(pk=old[20 + number].pk)
        people = list(row.members.order_by("pk").values_list("pk", flat=True))[:4]
        part = NewOrganisation(f"{row.code}C", f"{row.name}新班", "branch", members=people)
        split_organisation(row, [part], stays=True, **told)
    for number, branch in enumerate(old[42:54]):  # twelve go to the new general branches
        move_organisation(branch, generals[GENERALS_BEFORE + number], **told)
    for number in range(40):  # those of the joining units: 121
        general = Organisation.objects.get(pk=generals[GENERALS_BEFORE + number % 12].pk)
        found_organisation(
            code=f"{general.code}N{number:02}",
            name=f"并入{number + 1}班党支部",
            kind="branch",
            parent=general,
            founded_on=DAY,
            document_number=DOCUMENT,
            by=by,
        )
    reclassify_organisation(Organisation.objects.get(pk=old[41].pk), kind="temporary_branch", **told)
    joined = list(Organisation.objects.filter(name__startswith="并入").order_by("code"))
    coming = MEMBERS_AFTER - MEMBERS_BEFORE
    enter_members([Member(name=f"新{n}", organisation=joined[n % len(joined)]) for n in range(coming)], since=DAY)
