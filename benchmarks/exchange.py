"""An exchange package of 5,000 members in 100 branches: packing it, the dry run on an empty site, bringing it in, the dry run again.

Runs in a process and with a data folder (or the database of `DATABASE_URL`, which must be empty) of its own. Two sites share the
database in turn: they differ by their key and their uid. Each step should be over within a minute.
"""

from __future__ import annotations

from typing import Any

from benchmarks import running

ROWS = 5000
TARGET_SECONDS = 60.0
_MEASURED = """
import datetime as dt, json, resource, sys, time, uuid
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from plugins.bundled.disclosure.models import Category, Item
from portal.accounts.models import User
from portal.exchange.domain import applying, checking, receiving, sending
from portal.exchange.domain.keys import own_card
from portal.exchange.domain.partners import confirm_partner, enter_partner
from portal.exchange.models import OwnSite, Partner, ReceivedPackage, SentPackage, AgreedRow
from portal.ground.clock import now
from portal.members.domain.fields import BY_NAME
from portal.members.domain.identity import check_character
from portal.members.models import AccessEntry, MemberFile
from portal.organisations.domain.audiences import members_audience
from portal.organisations.models import Member, Membership, Organisation, OrganisationState

rows, units, items = int(sys.argv[1]), 100, 200
sites = {"upper": uuid.uuid4(), "lower": uuid.uuid4()}

def be(name):
    settings.EXCHANGE_KEY = "key of " + name
    OwnSite.objects.update_or_create(single=True, defaults={"name": name, "uid": sites[name]})

def trust(name, here):
    be(name)
    card = own_card()
    be(here)
    return confirm_partner(enter_partner(card, relation="superior", organisation=None, actor=None), card.fingerprint, actor=None)

be("upper")
user = User.objects.create(username="bench", is_superuser=True)
top = Organisation.add_root(code="T", name="公司党委", kind="committee")
branches = []
for n in range(units):
    branches.append(Organisation.objects.get(pk=top.pk).add_child(code=f"U{n:04}", name=f"第{n}党支部", kind="branch"))
people = Member.objects.bulk_create([
    Member(name=f"党员{n:05}", organisation=branches[n % units], stage="full", joined_on=dt.date(2010, 7, 1)) for n in range(rows)
], batch_size=500)
files = []
for n, member in enumerate(people):
    born = dt.date(1955 + n % 45, 1 + n % 12, 1 + n % 28)
    digits = f"999{n // 1000 % 1000:03}{born:%Y%m%d}{n % 1000:03}"
    number, phone = digits + check_character(digits), f"0110-{5_000_000 + n}"
    files.append(MemberFile(member=member, gender="male" if int(digits[16]) % 2 else "female", born_on=born, id_number=number,
        id_lookup=BY_NAME["id_number"].hashed(number), phone=phone, phone_lookup=BY_NAME["phone"].hashed(phone)))
MemberFile.objects.bulk_create(files, batch_size=500)
Membership.objects.filter(member__in=people).delete()
Membership.objects.bulk_create([Membership(member=m, organisation=m.organisation, since=dt.date(2012, 1, 1)) for m in people], batch_size=500)
category = Category.objects.create(name="党费收缴使用")
for n in range(items):
    Item.objects.create(title=f"公示{n}", category=category, body="内容" * 50, owner_organisation=branches[n % units],
        audience=members_audience(), state="published", published_at=now())
partner = trust("lower", "upper")
top = Organisation.objects.get(pk=top.pk)
quiet = lambda percent, note: None

row = sending.ask_package(partner, top, reason="年度数据上报", user=user, queued=False)
begun = time.perf_counter()
sending.make_package(str(row.uid), quiet)
packed = time.perf_counter() - begun
row.refresh_from_db()
assert row.state == "ready", row.note
total = sum(row.counts.values())
assert row.counts["members"] == rows and row.counts["disclosure.items"] == items, row.counts
content = sending.fetch_package(row, user=user).content
for model in (Item, AgreedRow, ReceivedPackage, SentPackage, Partner, AccessEntry, MemberFile, Membership, Member, OrganisationState, Organisation):
    model.objects.all().delete()
be("lower")
trust("upper", "lower")

def dry_run():
    taken = receiving.receive(user, "package.zip", content, queued=False)
    begun = time.perf_counter()
    checking.check(str(taken.uid), quiet)
    seconds = time.perf_counter() - begun
    taken.refresh_from_db()
    assert taken.state == "checked", taken.note
    return taken, seconds

taken, checked = dry_run()
receiving.start_apply(taken, queued=False)
begun = time.perf_counter()
applying.apply(str(taken.uid), quiet)
applied = time.perf_counter() - begun
taken.refresh_from_db()
assert taken.state == "done", taken.note
assert (MemberFile.objects.count(), Item.objects.count()) == (rows, items)
again, unchanged = dry_run()
assert {name: dict(found) for name, found in again.counts.items()} == {name: {"same": count} for name, count in row.counts.items() if count} | {
    name: {} for name, count in row.counts.items() if not count}, again.counts
print("figures", json.dumps({"total": total, "packed": packed, "checked": checked, "applied": applied, "unchanged": unchanged,
    "file_mb": len(content) / 1048576, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run(options: Any = None) -> dict[str, Any]:
    """Measure; `options.rows` names another number of members."""
    rows = int(getattr(options, "rows", None) or ROWS)
    found = running.measured_apart(_MEASURED, rows)
    steps = {"packed": "export", "checked": "dry_run", "applied": "write", "unchanged": "dry_run_unchanged"}
    rates = {f"{word}_rows_per_second": round(found["total"] / found[step]) for step, word in steps.items()}
    return {
        "name": "exchange",
        "what": f"each step of a package with {found['total']} rows: seconds / {TARGET_SECONDS:.0f}",
        "rows": found["total"],
        **rates,
        **{f"{word}_seconds": round(found[step], 2) for step, word in steps.items()},
        "file_mb": round(found["file_mb"], 2),
        "peak_mb": round(found["peak_mb"]),
        "targets": {f"{word}_seconds": {"at_most": TARGET_SECONDS * rows / ROWS} for word in steps.values()},
    }
