"""Every route × method × role × relation against the table in `docs/operators/rights.md`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parents[1]
LIMIT_SECONDS = 3600


def run(_options: Any) -> dict[str, Any]:
    """Number of cells tried, and how many were not as the table says (each is printed). Takes some ten minutes."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "rights.json"
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "--timeout=0",
                "tests/rights/everything.py",
            ],
            cwd=PROJECT_DIR,
            env={**os.environ, "RIGHTS_REPORT": str(report), "DJANGO_SETTINGS_MODULE": "portal.config.settings.test"},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(done.stdout[-2000:])
        found = json.loads(report.read_text())
    for line in found["wrong"]:
        sys.stdout.write(f"  {line}\n")
    return {
        "cells": found["cells"],
        "wrong_cells": len(found["wrong"]),
        "target_wrong_cells": 0,
        "seconds": time.monotonic() - began,
    }
