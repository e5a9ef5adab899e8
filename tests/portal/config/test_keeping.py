"""Who may read the data folder: the owner alone."""

import os
import sqlite3
import stat
import subprocess
import sys

import pytest

from portal.config.environment import PROJECT_DIR
from portal.config.keeping import FOLDERS, keep_private


def mode(path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_new_installation_is_closed_from_the_first_moment(tmp_path):
    database = tmp_path / "linghang.sqlite3"
    keep_private(tmp_path, database, sent_by_proxy=False)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (a)")
        journals = [path for path in tmp_path.iterdir() if path.name.startswith("linghang.sqlite3-")]
        assert journals
        assert {mode(path) for path in [database, *journals]} == {"0o600"}
    connection.close()

    assert {mode(tmp_path / name) for name in FOLDERS} == {"0o700"}


def test_older_installation_is_closed_at_the_next_start(tmp_path):
    for name in ("keys", "search"):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
    database = tmp_path / "linghang.sqlite3"
    database.write_bytes(b"")
    database.chmod(0o644)

    keep_private(tmp_path, database, sent_by_proxy=False)

    assert (mode(tmp_path / "keys"), mode(tmp_path / "search"), mode(database)) == ("0o700", "0o700", "0o600")


def test_private_files_that_nginx_sends_stay_as_they_were_given(tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "private").chmod(0o750)

    keep_private(tmp_path, None, sent_by_proxy=True)

    assert mode(tmp_path / "private") == "0o750"
    assert not (tmp_path / "linghang.sqlite3").exists()


@pytest.mark.slow
def test_any_process_closes_the_folder_before_it_writes(tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "X_ACCEL_PREFIX")},
        "LINGHANG_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "portal.config.settings.production",
    }
    command = [sys.executable, "manage.py", "shell", "-c", "from django.db import connection; connection.cursor()"]
    subprocess.run(command, cwd=PROJECT_DIR, env=environment, check=True, capture_output=True, umask=0o022, timeout=120)

    data = tmp_path / "data"
    assert mode(data / "linghang.sqlite3") == "0o600"
    assert (mode(data / "keys"), mode(data / "private")) == ("0o700", "0o700")
    assert {mode(path) for path in (data / "keys").iterdir()} == {"0o600"}
