"""Backup and restore: what went in comes out, while people write; what an enemy made is refused before anything is touched."""

import datetime as dt
import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from portal.config.backup import databases
from portal.config.backup.archive import (
    ArchiveWriter,
    BadArchive,
    Summed,
    extract,
    files_below,
    is_safe_name,
    read_manifest,
)
from portal.config.backup.making import backup_before_upgrade, make_backup, put_back

PROJECT_DIR = Path(__file__).resolve().parents[3]


# --- the archive ------------------------------------------------------------------------------------------------------


def archive_of(path, members, *, manifest=None, kind=tarfile.REGTYPE):
    """An archive as an enemy writes it: any names, any manifest."""
    with tarfile.open(path, "w") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.size = len(data) if kind == tarfile.REGTYPE else 0
            member.linkname = "/etc/passwd" if kind != tarfile.REGTYPE else ""
            tar.addfile(member, io.BytesIO(data) if kind == tarfile.REGTYPE else None)
        if manifest is not False:
            files = {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in members}
            text = json.dumps({"format": "linghang-backup/1", "files": files, **(manifest or {})}).encode()
            member = tarfile.TarInfo("manifest.json")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return path


def test_archive_gives_back_what_went_in(tmp_path):
    folder = tmp_path / "media" / "图片"
    folder.mkdir(parents=True)
    (folder / "一 张.jpg").write_bytes(b"picture")
    (tmp_path / "media" / "link").symlink_to("/etc/passwd")
    writer = ArchiveWriter(tmp_path / "a.tar")
    writer.add_folder("media", tmp_path / "media")
    writer.finish({"note": 1})
    target = tmp_path / "out"
    target.mkdir()

    manifest = read_manifest(tmp_path / "a.tar")
    extract(tmp_path / "a.tar", manifest, target)

    assert [path.relative_to(target).as_posix() for path in files_below(target)] == ["media/图片/一 张.jpg"]
    assert (target / "media" / "图片" / "一 张.jpg").read_bytes() == b"picture"
    assert (tmp_path / "a.tar").stat().st_mode & 0o777 == 0o600


def test_file_that_shrinks_while_it_is_read_is_named():
    summed = Summed(io.BytesIO(b"abc"), 5)

    assert summed.read(4) + summed.read(4) == b"abc\0\0"
    assert summed.torn


def test_failed_backup_leaves_nothing(tmp_path):
    writer = ArchiveWriter(tmp_path / "a.tar")
    writer.give_up()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "../evil", "media/../../evil", "/etc/passwd", "media//x", "media/./x", "media/a\\..\\b", "media/a\0b", "media",
        "other/x", "media/" + "x" * 256, "media/" + "x/" * 600 + "y", "keys/a\nb",
    ],
)  # fmt: skip
def test_unsafe_name_is_refused(tmp_path, name):
    assert not is_safe_name(name)
    if "\0" not in name:
        with pytest.raises(BadArchive):
            read_manifest(archive_of(tmp_path / "a.tar", [(name, b"x")]))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_anything_but_a_plain_file_is_refused(tmp_path, kind):
    path = archive_of(tmp_path / "a.tar", [("media/x", b"")], kind=kind)

    with pytest.raises(BadArchive, match="普通文件"):
        read_manifest(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.write_bytes(b"not a tar at all" * 100),
        lambda path: path.write_bytes(b""),
        lambda path: archive_of(path, [("media/x", b"1")], manifest=False),
        lambda path: archive_of(path, [("media/x", b"1"), ("media/x", b"2")]),
        lambda path: archive_of(path, [("media/x", b"1")], manifest={"files": {}}),
        lambda path: archive_of(path, [("media/x", b"1")], manifest={"files": {"media/x": [2, "0"]}}),
        lambda path: archive_of(path, [("media/x", b"1")], manifest={"files": {"media/x": "1"}}),
        lambda path: archive_of(path, [("media/x", b"1")], manifest={"format": "linghang-backup/99"}),
        lambda path: archive_of(path, [], manifest={"files": []}),
    ],
)
def test_damaged_or_foreign_file_is_refused(tmp_path, make):
    path = tmp_path / "a.tar"
    make(path)

    with pytest.raises(BadArchive):
        read_manifest(path)


def test_wrong_checksum_is_found_while_extracting(tmp_path):
    path = archive_of(tmp_path / "a.tar", [("media/x", b"1")], manifest={"files": {"media/x": [1, "0" * 64]}})
    (tmp_path / "out").mkdir()

    with pytest.raises(BadArchive, match="校验和"):
        extract(path, read_manifest(path), tmp_path / "out")


def test_archive_that_says_it_is_larger_than_the_disk_is_refused(tmp_path, monkeypatch):
    path = archive_of(tmp_path / "a.tar", [("media/x", b"1")])
    monkeypatch.setattr("portal.config.backup.archive.shutil.disk_usage", lambda _: Disk())
    (tmp_path / "out").mkdir()

    with pytest.raises(BadArchive, match="磁盘"):
        extract(path, read_manifest(path), tmp_path / "out")


class Disk:
    free = 0


# --- the database -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE VIEW v AS SELECT 1",
        "CREATE TRIGGER evil AFTER INSERT ON a BEGIN DELETE FROM a; END",
        "CREATE VIRTUAL TABLE v USING fts5(x)",
    ],
)
def test_database_file_with_code_of_its_own_is_refused(tmp_path, sql):
    path = tmp_path / "a.sqlite3"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE a (b)")
        base.execute(sql)
        base.commit()

    with pytest.raises(BadArchive, match="不该有"):
        databases.check_sqlite(path)


def test_damaged_database_file_is_refused(tmp_path):
    path = tmp_path / "a.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)

    with pytest.raises(BadArchive, match="损坏"):
        databases.check_sqlite(path)


@pytest.mark.django_db(transaction=True)
def test_restoring_over_a_site_is_refused(tmp_path):
    made = make_backup(tmp_path / "a.tar", with_files=False)

    with pytest.raises(CommandError, match="已经有一个站点"):
        call_command("restore", made.path)


@pytest.mark.django_db(transaction=True)
def test_backup_of_a_newer_version_or_another_database_is_refused_untouched(tmp_path, monkeypatch):
    made = make_backup(tmp_path / "a.tar", with_files=False)
    monkeypatch.setattr(databases, "is_empty", lambda: True)
    manifest = read_manifest(made.path)
    manifest["database"]["migrations"].append(["ground", "0099_from_the_future"])
    monkeypatch.setattr("portal.config.backup.making.read_manifest", lambda path: manifest)

    with pytest.raises(BadArchive, match=r"ground\.0099_from_the_future"):
        put_back(made.path, say=print)

    manifest["database"] = {"kind": "oracle", "migrations": []}
    with pytest.raises(BadArchive, match="清单不完整"):
        put_back(made.path, say=print)


@pytest.mark.django_db(transaction=True)
def test_backups_before_upgrades_keep_the_newest_three(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(
        "portal.config.backup.making.now",
        iter(dt.datetime(2026, 7, day, tzinfo=dt.UTC) for day in range(1, 30)).__next__,
    )

    for _ in range(5):
        backup_before_upgrade()

    kept = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert len(kept) == 3
    assert read_manifest(tmp_path / "backups" / kept[-1])["with_keys"] is False


# --- the whole way, with real processes -------------------------------------------------------------------------------

WRITE = """
import datetime as dt, sys
import django; django.setup()
from django.conf import settings
from django.db import transaction
from portal.accounts.models import User
from portal.ground.audit import audit
from portal.ground.outbox import drain
from portal.records.domain.sealing import seal
from portal.records.models import Seal
from pathlib import Path
day = dt.date(2026, 7, 1)
user, _ = User.objects.get_or_create(username="keeper", defaults={"display_name": "林晓"})
first, last = int(sys.argv[1]), int(sys.argv[2])
for n in range(first, last):
    seal("minutes", f"m-{n}", f"org:{n % 3}", {"n": n, "tel": "13800000000"}, happened_on=day, entered_by=user, personal=["tel"])
    audit(user, "minutes.sealed", target_uid=n)
drain("records.audit")
Path(settings.MEDIA_PRIVATE_ROOT).mkdir(parents=True, exist_ok=True)
(Path(settings.MEDIA_PRIVATE_ROOT) / "secret.txt").write_text("机密")
print(Seal.objects.count())
"""


class Place:
    """A data folder, and where there is a PostgreSQL a database of its own."""

    def __init__(self, folder, database_url):
        self.data = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "LINGHANG_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "portal.config.settings.dev",
            "PYTHONPATH": str(PROJECT_DIR),
            "DATABASE_URL": database_url,
            "REDIS_URL": "",
            "ELASTICSEARCH_URL": "",
            "CELERY_BROKER_URL": "",
        }

    def run(self, *words):
        return subprocess.run(
            [sys.executable, *words], cwd=PROJECT_DIR, env=self.environment, capture_output=True, text=True, timeout=280, check=False
        )  # fmt: skip

    def manage(self, *words):
        done = self.run("manage.py", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def write(self, first, last):
        done = self.run("-c", WRITE, str(first), str(last))
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[-1])


@pytest.fixture
def places(tmp_path, request):
    """Two empty installations of the kind of database that this run uses."""
    if connection.vendor == "sqlite":
        yield [Place(tmp_path / name, "") for name in ("one", "two")]
        return
    import psycopg

    request.getfixturevalue("transactional_db")
    where = os.environ["DATABASE_URL"]
    base = where.rsplit("/", 1)[0]
    names = [f"linghang_backup_{os.getpid()}_{n}" for n in (1, 2)]
    with psycopg.connect(where, autocommit=True) as server:
        for name in names:
            server.execute(f'CREATE DATABASE "{name}"')
        yield [Place(tmp_path / name, f"{base}/{name}") for name in names]
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.slow
def test_site_is_backed_up_while_people_write_and_restored_elsewhere(places, tmp_path):
    """Everything sealed before the backup began is there after the restore, every chain fits, keys and files are back."""
    one, two = places
    one.manage("migrate", "-v0")
    before = one.write(0, 20)
    writing = threading.Thread(target=one.write, args=(100, 160))
    writing.start()
    one.manage("backup", str(tmp_path / "site.tar"))
    writing.join()

    said = two.manage("restore", str(tmp_path / "site.tar"))

    assert "全部相符" in said
    assert "记录到此为止" in said
    number = int(re.search(r"封存记录 (\d+) 条", said)[1])
    assert before <= number <= before + 60
    assert (two.data / "private" / "secret.txt").read_text() == "机密"
    assert (two.data / "keys" / "field_key").read_text() == (one.data / "keys" / "field_key").read_text()
    assert two.write(200, 203) == number + 3  # it goes on: numbers, sequences and keys are right
    assert two.run("manage.py", "check", "--database", "default").returncode == 0
    again = two.run("manage.py", "restore", str(tmp_path / "site.tar"))
    assert again.returncode != 0
    assert "已经有一个站点" in again.stderr


@pytest.mark.slow
def test_restored_record_that_was_changed_in_the_archive_is_named(places, tmp_path):
    """The forger also computes the checksums of the archive anew: the chain tells."""
    one, two = places
    if one.environment["DATABASE_URL"]:
        pytest.skip("forged as an SQLite file")
    one.manage("migrate", "-v0")
    one.write(0, 5)
    with closing(sqlite3.connect(one.data / "linghang.sqlite3")) as base:
        base.execute("DROP TRIGGER records_seal_no_update")
        base.execute("UPDATE records_seal SET happened_on = '2026-01-01' WHERE uid = 'm-3'")
        base.commit()
    one.manage("backup", str(tmp_path / "site.tar"))

    done = two.run("manage.py", "restore", str(tmp_path / "site.tar"))

    assert done.returncode != 0
    assert "✗ org:0 2 changed minutes m-3 v1" in done.stdout
