"""Twenty kills at random moments: no effect is lost, none doubled. `bin/bench faults` does a thousand."""

import os

import pytest

from tests.faults.machine import Machine
from tests.faults.storm import storm

pytestmark = [pytest.mark.slow, pytest.mark.once]

SEED = int(os.environ.get("FAULT_SEED", "0")) or int.from_bytes(os.urandom(4))


def test_twenty_kills_lose_no_effect_and_double_none(tmp_path):
    """The seed is drawn anew each time; `FAULT_SEED` repeats the order of the kills."""
    machine = Machine(tmp_path)
    machine.manage("migrate", "-v0")
    machine.start()
    try:
        outcome = storm(machine, kills=20, seed=SEED)
    finally:
        machine.stop()

    assert outcome.acknowledged > 50, outcome
    found = (outcome.lost, outcome.doubled, outcome.uncounted, outcome.unfinished)
    assert found == (0, 0, 0, 0), f"FAULT_SEED={SEED} {outcome}"
