"""All cells of the matrix, for `bin/bench rights`: not collected by default, it takes minutes."""

import json
import logging
import os
from pathlib import Path

import pytest

from tests.rights import matrix


@pytest.mark.django_db
def test_every_cell_is_as_the_table_says(world):
    logging.disable(logging.CRITICAL)
    every = list(matrix.cells())

    wrong = list(matrix.faults(matrix.Trial(world), every))

    if report := os.environ.get("RIGHTS_REPORT"):
        Path(report).write_text(json.dumps({"cells": len(every), "wrong": wrong}, ensure_ascii=False))
    assert wrong == []
