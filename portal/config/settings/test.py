"""For tests: throw-away data folder, fast static files; the database comes from `DATABASE_URL` or is SQLite in a file."""

from pathlib import Path

from portal.config.settings import scratch  # noqa: F401 - first: it settles the environment that base reads
from portal.config.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
SECOND_FACTOR = "optional"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
if not DATABASE_URL:  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATA_DIR) / "test.sqlite3")}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # noqa: F405

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405 - WhiteNoise warns when it is missing
