"""The stand-alone script: runs without the site, on an export, a database and a dump, and names what was touched."""

import datetime as dt
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from portal.ground import clock
from portal.ground.audit import audit
from portal.ground.outbox import drain
from portal.records.domain import heads
from portal.records.domain.sealing import Entry, erase_personal, seal_many
from portal.records.domain.trail import prune
from tests.factories import make_user

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "verify_chain.py"
DAY = dt.date(2026, 7, 1)


def check(path, *more):
    """Exit code, and the faults as (chain, number, what)."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(path), *more], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    lines = [line.split(" ", 3) for line in done.stdout.splitlines() if line.startswith("FAULT")]
    return done.returncode, [(chain, number, rest.split(": ", 1)[1]) for _fault, chain, number, rest in lines]


def write_records():
    """Three chains of eight with open and personal values, six audit lines, the heads of two days."""
    numbers = range(8)
    for chain in ("org:a", "org:b", "org:c"):
        seal_many(
            [
                Entry(
                    "minutes",
                    f"{chain}-{n}",
                    chain,
                    {"n": n, "主题": "学习\t\\x", "tel": "138"},
                    DAY,
                    "clerk",
                    personal=["tel"],
                )
                for n in numbers
            ]
        )
    erase_personal("minutes", "org:b-3", by="officer")
    for n in range(6):
        audit(make_user(), "member.read", target_kind="member", target_uid=f"m-{n}", why="查\n看", part=n)
    drain("records.audit")


def close_two_days(monkeypatch):
    present = clock.now()
    monkeypatch.setattr(heads, "today", lambda: present.date() + dt.timedelta(days=9))
    heads.close_day(DAY)
    seal_many([Entry("minutes", "late", "org:a", {"n": 99}, DAY, "clerk")])
    return heads.close_day(DAY + dt.timedelta(days=1))


@pytest.fixture
def export(db, monkeypatch, tmp_path):
    write_records()
    close_two_days(monkeypatch)
    path = tmp_path / "export.jsonl"
    path.write_text("".join(f"{line}\n" for line in heads.export_lines()))
    return path


def test_script_stays_small_and_needs_only_the_standard_library():
    source = SCRIPT.read_text()

    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}

    assert len(source.splitlines()) < 250
    assert imported <= sys.stdlib_module_names


def test_whole_export_fits_with_its_printed_head(export):
    root = heads.newest_head().root

    assert check(export, "--root", root[:16].upper()) == (0, [])


def test_printed_head_of_another_file_is_not_found(export):
    assert check(export, "--root", "0" * 64) == (1, [("day", "", "the printed head is not in this file")])


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def put_back(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def place_of(rows, chain, number):
    return next(n for n, row in enumerate(rows) if isinstance(row, list) and row[:3] == ["seal", chain, number])


def test_every_column_of_a_seal_that_is_changed_is_named(export):
    rows = lines_of(export)
    for column in range(3, 14):
        forged = [list(row) if isinstance(row, list) else row for row in rows]
        row = forged[place_of(rows, "org:b", 4)]
        row[column] = row[column] + 1 if isinstance(row[column], int) else "f" + str(row[column])[1:] + "x"
        put_back(export, forged)

        code, faults = check(export)

        assert code == 1
        assert ("org:b", "4", "changed") in faults, column
        assert {chain for chain, *_ in faults} == {"org:b"}


@pytest.mark.parametrize("number", [1, 4, 8])
def test_removed_row_is_named(export, number):
    rows = lines_of(export)
    del rows[place_of(rows, "org:c", number)]
    put_back(export, rows)

    code, faults = check(export)

    expected = f"removed: {number} to {number}" if number < 8 else "removed or added at the end: the rows end at 7"
    assert (code, faults) == (1, [("org:c", str(number), expected)])


def test_row_inserted_with_a_hash_that_fits_itself_is_named(export):
    """The forger computes the hashes again, for a row between two others."""
    rows = lines_of(export)
    place = place_of(rows, "org:a", 4)
    forged = list(rows[place])
    forged[4] = "forged"
    forged[13] = heads.hashlib.sha256("\n".join(map(str, [forged[12], *forged[1:12]])).encode()).hexdigest()
    rows.insert(place, forged)
    put_back(export, rows)

    code, faults = check(export)

    assert code == 1
    assert ("org:a", "4", "inserted: there are two rows 4") in faults


def test_replaced_row_with_a_hash_that_fits_itself_is_named_at_the_next(export):
    rows = lines_of(export)
    row = rows[place_of(rows, "org:a", 4)]
    row[4] = "forged"
    row[13] = heads.hashlib.sha256("\n".join(map(str, [row[12], *row[1:12]])).encode()).hexdigest()
    put_back(export, rows)

    assert check(export) == (1, [("org:a", "5", "inserted or swapped: does not follow the row before")])


def test_chain_written_anew_from_the_middle_is_found_by_the_head_of_a_day(export):
    """Even who computes every hash, and the end of the chain, anew does not get past the head."""
    rows = lines_of(export)
    previous = None
    for row in rows:
        if isinstance(row, list) and row[:2] == ["seal", "org:c"] and row[2] >= 4:
            row[4] = "forged" if row[2] == 4 else row[4]
            row[12] = previous or row[12]
            row[13] = previous = heads.hashlib.sha256("\n".join(map(str, [row[12], *row[1:12]])).encode()).hexdigest()
    for row in rows:
        if isinstance(row, list) and row[:2] == ["end", "org:c"]:
            row[3] = previous
    put_back(export, rows)

    assert check(export) == (1, [("org:c", "8", "changed: the head of a day says otherwise")])


def test_swapped_lines_are_named(export):
    rows = lines_of(export)
    one, two = place_of(rows, "org:b", 3), place_of(rows, "org:b", 4)
    rows[one], rows[two] = rows[two], rows[one]
    put_back(export, rows)

    assert check(export) == (1, [("org:b", "3", "swapped: stands behind a later row")])


def test_changed_head_of_a_day_is_named(export):
    rows = lines_of(export)
    row = next(row for row in rows if isinstance(row, list) and row[0] == "day")
    row[4][0][1] += 1
    put_back(export, rows)

    code, faults = check(export)

    assert code == 1
    assert ("day", DAY.isoformat(), "changed: the head of this day") in faults


def test_chain_that_was_removed_whole_is_named(export):
    rows = [row for row in lines_of(export) if not (isinstance(row, list) and row[:2] == ["seal", "org:b"])]
    put_back(export, rows)

    assert check(export) == (1, [("org:b", "8", "removed or added at the end: the rows end at 0")])


def test_line_that_cannot_be_read_is_named_and_the_rest_checked(export):
    rows = export.read_text().splitlines(keepends=True)
    place = next(n for n, row in enumerate(rows) if row.startswith('["seal","org:b",5,'))
    rows[place] = '["seal","org:b",5\n'
    export.write_text("".join(rows))

    code, faults = check(export)

    assert code == 1
    assert [(chain, number) for chain, number, _what in faults] == [("?", "?"), ("org:b", "5")]


def audit_places(rows):
    return [n for n, row in enumerate(rows) if isinstance(row, list) and row[0] == "audit"]


def test_changed_and_removed_audit_lines_are_named(export):
    rows = lines_of(export)
    places = audit_places(rows)
    rows[places[1]][7]["part"] = 77
    key, after = str(rows[places[1]][1]), str(rows[places[4]][1])
    del rows[places[3]]
    put_back(export, rows)

    code, faults = check(export)

    assert code == 1
    assert [(chain, number, what.split(":")[0]) for chain, number, what in faults] == [
        ("audit", key, "changed"),
        ("audit", after, "removed or swapped"),
    ]


def test_pruned_trail_fits_and_front_cut_off_by_hand_does_not(export, monkeypatch, tmp_path):
    later = clock.now() + dt.timedelta(days=400)
    monkeypatch.setattr("portal.records.domain.trail.now", lambda: later)
    audit(make_user(), "member.read")
    assert prune(keep_days=190).count == 7
    drain("records.audit")
    path = tmp_path / "pruned.jsonl"
    path.write_text("".join(f"{line}\n" for line in heads.export_lines()))

    assert check(path) == (0, [])

    rows = lines_of(path)
    first = audit_places(rows)[0]
    del rows[first]
    put_back(path, rows)
    code, faults = check(path)
    assert (code, {chain for chain, *_ in faults}) == (1, {"audit"})


@pytest.mark.slow
def test_random_damage_is_always_found(export):
    """One changed sign anywhere in what a hash covers, two hundred times, from a seed."""
    chance = random.Random(20260701)
    text = export.read_text()
    lines = text.splitlines(keepends=True)
    covered = [n for n, line in enumerate(lines) if line.startswith(('["seal"', '["audit"', '["day"', '["end"'))]
    missed = []
    for _ in range(40):
        n = chance.choice(covered)
        digits = [place for place, sign in enumerate(lines[n]) if sign.isdigit()]
        place = chance.choice(digits)
        other = chance.choice([d for d in "123456789" if d != lines[n][place]])
        forged = [*lines]
        forged[n] = lines[n][:place] + other + lines[n][place + 1 :]
        export.write_text("".join(forged))
        if check(export)[0] == 0:
            missed.append(forged[n])
    assert missed == []


# --- databases and dumps ----------------------------------------------------------------------------------------------


@pytest.fixture
def database(transactional_db, monkeypatch, tmp_path):
    """A copy of the SQLite database, or a plain dump of the PostgreSQL one, with records in it."""
    write_records()
    close_two_days(monkeypatch)
    if connection.vendor == "sqlite":
        path = tmp_path / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        return path
    path = tmp_path / "dump.sql"
    where = connection.settings_dict
    subprocess.run(
        ["pg_dump", "--no-owner", "-f", str(path), "-d", connection.get_connection_params()["dbname"],
         *(["-h", where["HOST"]] if where["HOST"] else []), *(["-p", str(where["PORT"])] if where["PORT"] else []),
         *(["-U", where["USER"]] if where["USER"] else [])],
        env={**os.environ, "PGPASSWORD": where["PASSWORD"] or ""}, check=True, timeout=60,
    )  # fmt: skip
    return path


def forge(path, tmp_path, sqlite_sql, old=None, new=None):
    """Damage a copy: by SQL on SQLite, by text in a dump."""
    copy = tmp_path / f"forged{path.suffix}"
    shutil.copy(path, copy)
    if path.suffix == ".sql":
        text = copy.read_text()
        copy.write_text(new(text) if callable(new) else text.replace(old, new, 1))
        assert copy.read_text() != text
        return copy
    with closing(sqlite3.connect(copy)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute(sqlite_sql)
        base.commit()
    return copy


def without_line(text, mark):
    return "".join(line for line in text.splitlines(keepends=True) if mark not in line)


@pytest.mark.django_db(transaction=True)
def test_database_or_its_dump_fits_and_damage_is_named(database, tmp_path):
    assert check(database) == (0, [])

    changed = forge(
        database, tmp_path, "UPDATE records_seal SET happened_on = '2026-06-30' WHERE chain = 'org:a' AND number = 3",
        new=lambda text: "".join(
            line.replace("2026-07-01", "2026-06-30") if "\torg:a\t3\t" in line else line for line in text.splitlines(keepends=True)
        ),
    )  # fmt: skip
    assert check(changed) == (1, [("org:a", "3", "changed")])

    value = forge(
        database, tmp_path,
        """UPDATE records_sealedcontent SET fields = replace(fields, '"v": 5', '"v": 6') WHERE seal_id IN
           (SELECT id FROM records_seal WHERE chain = 'org:b' AND number = 6)""",
        new=lambda text: forge_value(text),
    )  # fmt: skip
    assert check(value) == (1, [("org:b", "6", "changed or removed: its content")])


def forge_value(text):
    """In the dump: the content whose `n` is 5 and that belongs to chain b."""
    keys = [line.split("\t")[0] for line in text.splitlines() if "\torg:b\t6\t" in line]
    return "".join(
        line.replace('"v": 5', '"v": 6') if '"v": 5' in line and line.rstrip("\n").endswith(f"\t{keys[0]}") else line
        for line in text.splitlines(keepends=True)
    )


@pytest.mark.django_db(transaction=True)
def test_sqlite_text_dump_is_read(database, tmp_path):
    if database.suffix != ".sqlite3":
        pytest.skip("SQLite's own dump")
    path = tmp_path / "dump.sql"
    with closing(sqlite3.connect(database)) as base:
        path.write_text("\n".join(base.iterdump()))

    assert check(path) == (0, [])

    path.write_text(path.read_text().replace("'org:c',5,", "'org:c',6,", 1))
    code, faults = check(path)
    assert code == 1
    assert ("org:c", "5", "removed: 5 to 5") in faults
