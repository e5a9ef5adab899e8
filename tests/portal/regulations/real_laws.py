"""Where the real laws lie: beside the checkout, or where LINGHANG_SHARED_DATA says. In CI they must be there."""

import csv
import os
from pathlib import Path

import pytest

_CHECKOUT = Path(__file__).resolve().parents[3]


def shared_data() -> Path:
    """The folder with laws/ and laws_manifest.tsv; skips outside CI, fails in CI, if it is not there."""
    named = os.environ.get("LINGHANG_SHARED_DATA")
    folder = Path(named) if named else _CHECKOUT.parent / "shared" / "data"
    if not (folder / "laws_manifest.tsv").is_file():
        message = f"no real laws in {folder}: set LINGHANG_SHARED_DATA"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


def manifest() -> list[dict[str, str]]:
    with (shared_data() / "laws_manifest.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
