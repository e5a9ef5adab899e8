#!/usr/bin/env python3
"""Checks the sealed records of Linghang 领航 without Linghang: python3 verify_chain.py FILE [--root HASH]

FILE is an export (JSON lines), an SQLite database or its `.dump`, or a plain dump of PostgreSQL (`pg_dump`). Needs only
Python 3.11. Names every row that was changed, removed, inserted or swapped; exit code 1 when there is one. With --root it
also looks for the printed head of a day (its hash, or the first 12 signs of it) in the file.
"""

import argparse
import datetime as dt
import json
import multiprocessing
import os
import re
import sqlite3
import tempfile
import time
import uuid
from hashlib import sha256
from pathlib import Path

TABLES = [f"records_{name}" for name in ("seal", "auditline", "sealedcontent", "dayhead", "dayheadline", "chainhead")]
SEALS = """SELECT 'seal', chain, number, kind, uid, version, happened_on, coalesce(due_on, ''), entered_at, entered_on, entered_by,
    content_digest, previous_hash, seal_hash, coalesce(fields, '{}') FROM records_seal s LEFT JOIN records_sealedcontent ON seal_id = s.id
    WHERE s.id > ? AND s.id <= ?"""
LINES = """SELECT 'audit', id, entry_uid, actor, action, target_kind, target_uid, detail, happened_at, previous_hash, line_hash
    FROM records_auditline WHERE id > ? AND id <= ?"""


def digest_of(text):
    return sha256(text.encode()).hexdigest()


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def opened(path):
    return sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)


def instant(text, timespec="auto"):
    moment = dt.datetime.fromisoformat(text)
    moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return moment.isoformat(timespec=timespec)


class Check:
    """Rows in any order, in bounded memory: rows that follow each other become one run, known by its two ends."""

    def __init__(self, fixed):
        self.fixed = fixed  # chain -> (number, hash) that the newest head of a day fixes
        self.runs = {}  # chain -> {hash of the last row: [first number, hash before it, last number, name of the first]}
        self.faults, self.rows, self.last = [], 0, ("", 0)
        self.pruned = {}  # hash of the last pruned audit line -> its number

    def fault(self, chain, number, what, name=""):
        self.faults.append((chain, number, what, name))

    def link(self, chain, number, before, own, name):
        self.rows += 1
        runs = self.runs.setdefault(chain, {})
        if own in runs:
            return self.fault(chain, number, "inserted: the same row again", name)
        if before in runs and (runs[before][2] < number if chain == "audit" else runs[before][2] == number - 1):
            runs[own] = runs.pop(before)
            runs[own][2] = number
        else:
            runs[own] = [number, before, number, name]
        if chain in self.fixed and self.fixed[chain][0] == number and self.fixed[chain][1] != own:
            self.fault(chain, number, "changed: the head of a day says otherwise", name)

    def take(self, row):
        """One entry: a line of an export, or a tuple of a database, whose instants, ids and JSON take the form of a line."""
        if isinstance(row, bytes):
            row = json.loads(row)
        elif row[0] == "seal":
            row = [*row[:8], instant(row[8], "microseconds"), *row[9:]]
        else:
            row = [*row[:2], str(uuid.UUID(row[2])), *row[3:7], json.loads(row[7]), instant(row[8]), *row[9:]]
        (self.seal if row[0] == "seal" else self.audit)(*row[1:])

    def seal(self, chain, number, kind, uid, version, happened, due, at, on, by, digest, before, own, fields=None):
        name = f"{kind} {uid} v{version}"
        text = f"{before}\n{chain}\n{number}\n{kind}\n{uid}\n{version}\n{happened}\n{due}\n{at}\n{on}\n{by}\n{digest}"
        if digest_of(text) != own:
            self.fault(chain, number, "changed", name)
        if chain == self.last[0] and number <= self.last[1]:
            self.fault(chain, number, "swapped: stands behind a later row", name)
        self.last = chain, number
        self.link(chain, number, before, own, name)
        parts = []
        for field, part in sorted(json.loads(fields).items()) if fields else ():
            value = digest_of(f"{part['s']}\n{field}\n{canonical(part['v'])}") if "v" in part else part["d"]
            parts.append(f"{field}={value}")
        if fields and digest_of("\n".join(parts)) != digest:
            self.fault(chain, number, "changed or removed: its content", name)

    def audit(self, number, entry, actor, action, kind, uid, detail, at, before, own):
        content = {"entry": entry, "actor": actor, "action": action, "target_kind": kind, "target_uid": uid}
        if digest_of(f"{before}\n{canonical(content | {'detail': detail, 'at': at})}") != own:
            self.fault("audit", number, "changed", action)
        if action == "audit.pruned" and detail["keep_days"] >= 180:
            self.pruned[detail["through_hash"]] = detail["through_id"]
        self.link("audit", number, before, own, f"{action} {kind} {uid}")


def join(checks, chain_ends, total):
    """Add the faults of all parts to `total`, and those between the runs: where one does not follow the one before."""
    for check in checks:
        total.faults, total.rows = total.faults + check.faults, total.rows + check.rows
        total.pruned |= check.pruned
        for chain, runs in check.runs.items():
            total.runs.setdefault(chain, []).extend((*run, own) for own, run in runs.items())
    for chain in sorted(total.runs.keys() | chain_ends.keys()):
        number, last = 0, "0" * 64
        for first, before, end, name, own in sorted(total.runs.get(chain, ()), key=lambda run: (run[0], -run[2])):
            if chain == "audit":
                if before != last and not (number == 0 and total.pruned.get(before, first) < first):
                    total.fault(chain, first, f"removed or swapped: between {number} and {first}", name)
            elif first > number + 1:
                total.fault(chain, number + 1, f"removed: {number + 1} to {first - 1}")
            elif first <= number:
                total.fault(chain, first, f"inserted: there are two rows {first}", name)
                continue
            elif before != last:
                total.fault(chain, first, "inserted or swapped: does not follow the row before", name)
            number, last = max(number, end), own
        if chain in chain_ends and tuple(chain_ends[chain]) != (number, last):
            total.fault(chain, chain_ends[chain][0], f"removed or added at the end: the rows end at {number}")


def check_days(days, root, total):
    """Recompute the heads of all days; what the newest of them fixes of each chain becomes `total.fixed`."""
    last, found = "0" * 64, not root
    for day, previous, own, lines in sorted(days):
        parts = [previous, day, *(f"{chain} {number} {digest}" for chain, number, digest in sorted(map(tuple, lines)))]
        if previous != last or digest_of("\n".join(parts)) != own:
            total.fault("day", day, "changed: the head of this day", own[:12])
        last, found = own, found or (len(root) >= 12 and own.startswith(root))
        total.fixed |= {chain: (number, own) for chain, number, own in lines}
    if not found:
        total.fault("day", "", "the printed head is not in this file", root[:12])


def lines_of(path, _select, start, end):
    """The lines of an export file that begin in this stretch."""
    with Path(path).open("rb") as file:
        file.seek(start - 1)
        file.readline()
        while file.tell() < end and (lines := file.readlines(min(1 << 20, end - file.tell()))):
            yield from lines


def rows_of(path, select, start, end):
    """The rows of a database with keys in this stretch."""
    with opened(path) as database:
        yield from database.execute(select, (start, end))


def check_part(task):
    read, *where, fixed = task
    check = Check(fixed)
    for row in read(*where):
        try:
            check.take(row)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            check.fault("?", "?", f"changed: not to be read, {type(error).__name__}", str(row)[:200])
    return check


def read_export(path, root, total):
    """(the parts to check, the ends of the chains) of an export file."""
    head = {"day": [], "end": []}
    with Path(path).open("rb") as file:
        file.readline()
        start = file.tell()
        while (row := json.loads(file.readline() or "[0]"))[0] in head:
            head[row[0]].append(row[1:])
            start = file.tell()
        size = file.seek(0, os.SEEK_END)
    check_days(head["day"], root, total)
    step = max(1 << 16, min(1 << 26, size // 8 + 1))
    parts = [(lines_of, path, "", place, min(place + step, size), total.fixed) for place in range(start, size, step)]
    return parts, {chain: (number, own) for chain, number, own in head["end"]}


def read_database(path, root, total):
    """(the parts to check, the ends of the chains) of an SQLite database."""
    with opened(path) as database:
        lines = {}
        for key, *line in database.execute("SELECT head_id, chain, number, hash FROM records_dayheadline"):
            lines.setdefault(key, []).append(line)
        days = database.execute("SELECT day, previous_root, root, id FROM records_dayhead")
        check_days([(*day, lines.get(key, [])) for *day, key in days], root, total)
        heads = database.execute("SELECT chain, number, hash FROM records_chainhead WHERE number > 0").fetchall()
        parts = []
        for table, select in zip(TABLES, (SEALS, LINES), strict=False):
            low, top = database.execute(f"SELECT MIN(id), MAX(id) FROM {table}").fetchone()
            for place in range((low or 0) - 1, top or 0, 200_000):
                parts.append((rows_of, path, select, place, place + 200_000, total.fixed))
    return parts, {chain: (number, own) for chain, number, own in heads}


def load_dump(path, target):
    """Read the tables of the records out of a dump, PostgreSQL's COPY blocks or SQLite's INSERTs, into an SQLite file."""
    bare = re.compile(r", CONSTRAINT.*(?=\))| UNIQUE| PRIMARY KEY AUTOINCREMENT| CHECK \(\(.*?\)\)", re.DOTALL)
    names, numbers = "|".join(TABLES), {"id", "seal_id", "head_id", "number", "version"}
    signs, null = dict(zip("tnrbfv", "\t\n\r\b\f\v", strict=True)), {"\\N": None}
    escape, ours = re.compile(r"\\(.)"), re.compile(rf'(?:CREATE TABLE|INSERT INTO)[A-Z ]* "?({names})"?\b')
    copy, statement = re.compile(rf'COPY (?:\w+\.)?"?({names})"? \(([^)]*)\) FROM stdin'), ""
    with sqlite3.connect(target) as database, Path(path).open(encoding="utf-8", newline="\n") as dump:
        for line in dump:
            if statement or ours.match(line):
                statement += line
                if sqlite3.complete_statement(statement):
                    database.execute(statement if statement[0] == "I" else bare.sub("", statement))
                    statement = ""
            elif copied := copy.match(line):
                columns = [f"{name} {'INTEGER' * (name in numbers)}" for name in re.findall(r"\w+", copied[2])]
                database.execute(f"CREATE TABLE {copied[1]} ({', '.join(columns)})")
                raw = (row[:-1].split("\t") for row in iter(dump.readline, "\\.\n"))
                rows = ([null.get(v, escape.sub(lambda m: signs.get(m[1], m[1]), v)) for v in r] for r in raw)
                database.executemany(f"INSERT INTO {copied[1]} VALUES ({','.join('?' * len(columns))})", rows)
        database.execute("CREATE INDEX content_of_seal ON records_sealedcontent (seal_id)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--root", default="", help="the hash of a printed head")
    options = parser.parse_args()
    began, total, path = time.monotonic(), Check({}), options.file
    with tempfile.TemporaryDirectory() as folder, multiprocessing.Pool(os.cpu_count()) as pool:
        with path.open("rb") as file:
            start = file.read(16)
        if not start.startswith((b"SQLite format 3", b"{")):
            load_dump(path, path := Path(folder) / "dump.sqlite3")
        read = read_export if start.startswith(b"{") else read_database
        parts, ends = read(path, options.root.lower(), total)
        join(pool.imap_unordered(check_part, parts), ends, total)
    for chain, number, what, name in sorted(total.faults, key=str):
        print(f"FAULT {chain} {number} {name}: {what}")
    print(f"{total.rows} rows, {len(total.runs)} chains, {len(total.faults)} faults, {time.monotonic() - began:.1f} s")
    return bool(total.faults)


if __name__ == "__main__":
    raise SystemExit(main())
