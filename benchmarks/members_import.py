"""Importing 100,000 members from one XLSX file: reading, checking, bringing in; how long the write lock is held; peak memory.

Runs in a process and with a data folder (or the database of `DATABASE_URL`, which must be empty) of its own. The baseline is
what is promised: 300 seconds for 100,000 rows on two cores.
"""

from __future__ import annotations

from typing import Any

from benchmarks import running

ROWS = 100_000
TARGET_SECONDS = 300.0
_MEASURED = """
import datetime as dt, io, json, random, resource, sys, time
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from portal.accounts.models import User
from portal.members.domain.exporting import heading
from portal.members.domain.fields import FIELDS
from portal.members.domain.identity import check_character
from portal.members.domain.importing import running
from portal.shared.sheets import write_xlsx
from portal.members.models import ImportRun, MemberFile
from portal.organisations.domain.rights import grant_role
from portal.organisations.models import Member, Organisation

rows, units = int(sys.argv[1]), 600
top = Organisation.add_root(code="T", name="公司党委", kind="committee")
for n in range(units):
    Organisation.objects.get(pk=top.pk).add_child(code=f"U{n:04}", name=f"第{n}党支部", kind="branch")
user = User.objects.create(username="bench")
grant_role(user, "admin", top)
draw = random.Random(7)
names = "林王李张刘陈杨赵黄周吴徐孙胡朱高郭何马罗"
given = "晓明建国志强海燕丽华伟芳娜秀英敏静军磊洋勇艳杰娟涛超平刚桂兰"

def person(n):
    born = dt.date(1955 + n % 45, 1 + n % 12, 1 + n % 28)
    digits = f"999{n // 1000 % 1000:03}{born:%Y%m%d}{n % 1000:03}"
    joined = dt.date(born.year + 25, 7, 1)
    values = {
        "name": draw.choice(names) + draw.choice(given) + draw.choice(given),
        "gender": "男" if int(digits[16]) % 2 else "女",
        "born_on": born.isoformat(),
        "nation": "汉族",
        "id_number": digits + check_character(digits),
        "phone": f"0110-{5_000_000 + n}",
        "organisation": f"U{n % units:04}",
        "stage": "正式党员",
        "joined_on": joined.isoformat(),
        "full_on": joined.replace(year=joined.year + 1).isoformat(),
        "education": "大学本科",
        "work_unit": "线路车间",
        "job_title": "检修工",
        "work_number": f"W{n:06}",
    }
    return ["", *(values.get(field.name, "") for field in FIELDS), ""]

target = io.BytesIO()
write_xlsx("党员", (heading() if n == 0 else person(n) for n in range(rows + 1)), target, columns=20)
content = target.getvalue()
marks, begun = [], time.perf_counter()
run = running.upload(user, "bench.xlsx", content)
uploaded = time.perf_counter() - begun
running.start_check(run, run.mapping)
running.check(str(run.uid), lambda percent, note: marks.append(percent))
checked = time.perf_counter() - begun - uploaded
run.refresh_from_db()
assert (run.state, run.new_count, run.error_count) == ("checked", rows, 0), (run.state, run.new_count, run.error_count, list(run.problems.values_list("row", "advice")[:3]))
running.start_apply(run)
write, held = running._write, []
def timed(run):
    start = time.perf_counter()
    write(run)
    held.append(time.perf_counter() - start)
running._write = timed
start = time.perf_counter()
running.apply(str(run.uid), lambda percent, note: None)
applied = time.perf_counter() - start
assert MemberFile.objects.count() == Member.objects.count() == rows
start = time.perf_counter()
again = running.upload(user, "bench.xlsx", content)
running.start_check(again, again.mapping)
running.check(str(again.uid), lambda percent, note: None)
again.refresh_from_db()
assert (again.same_count, again.new_count) == (rows, 0)
unchanged = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print("figures", json.dumps({
    "upload_seconds": uploaded, "check_seconds": checked, "apply_seconds": applied, "write_lock_seconds": held[0],
    "unchanged_check_seconds": unchanged, "peak_mb": peak, "file_mb": len(content) / 1048576, "progress_steps": len(set(marks)),
}))
"""


def run(options: Any = None) -> dict[str, Any]:
    """Measure; `options.rows` names another number of rows."""
    rows = int(getattr(options, "rows", None) or ROWS)
    figures = running.measured_apart(_MEASURED, rows)
    total = figures["upload_seconds"] + figures["check_seconds"] + figures["apply_seconds"]
    return {
        "name": "members_import",
        "what": f"seconds to import {rows} members from XLSX / {TARGET_SECONDS * rows / ROWS:.0f}",
        "rows": rows,
        "seconds": round(total, 1),
        "rows_per_second": round(rows / total, 0),
        **{name: round(value, 2) for name, value in figures.items()},
        "targets": {
            "seconds": {"at_most": TARGET_SECONDS * rows / ROWS},
            "write_lock_seconds": {"at_most": 30.0},
            "progress_steps": {"at_least": 10},
        },
    }
