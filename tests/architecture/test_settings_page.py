"""The operators' page of settings names exactly what the program reads."""

import os
import re
import subprocess
import sys
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
PAGE = PROJECT_DIR / "docs" / "operators" / "settings.md"
LIST = """
import sys
from portal.config import environment
from portal.config.processes import gunicorn_conf
from portal.config.settings import production
environment.data_dir()
print("\\n".join(environment.NAMES_READ))
"""


def names_read(tmp_path: Path) -> set[str]:
    """Every name that a fresh process reads, with HTTPS on so that what it brings is read too."""
    environment = {**os.environ, "LINGHANG_DATA": str(tmp_path), "HTTPS": "1", "PYTHONPATH": str(PROJECT_DIR)}
    done = subprocess.run(
        [sys.executable, "-c", LIST], capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    return set(done.stdout.split())


def test_settings_page_names_exactly_what_is_read(tmp_path):
    documented = set(re.findall(r"^\| `([A-Z_0-9]+)` \|", PAGE.read_text(), re.MULTILINE))

    assert documented == names_read(tmp_path)


def test_environment_is_read_only_in_config():
    allowed = ("portal/config/", "plugins/host/trial.py")  # an entry point of its own, like wsgi.py
    reading = [
        f"{path.relative_to(PROJECT_DIR)}"
        for folder in ("portal", "plugins", "search", "media_pipeline")
        for path in (PROJECT_DIR / folder).rglob("*.py")
        if re.search(r"\bos\.(environ\b(?!\s*[,})])|getenv)", path.read_text())
    ]

    assert [path for path in reading if not path.startswith(allowed)] == []
