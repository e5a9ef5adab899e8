"""A thousand kill -9 at random moments on web, worker and supervisor, while orders come in: what is lost, what is doubled.

`-o kills=200 -o seed=7` for a shorter one, or the same again. About half a second a kill.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

KILLS = 1000


def run(options: Any) -> dict[str, Any]:
    """Lost and doubled effects of acknowledged orders, and how long the site needs to come to rest. All must be 0."""
    from tests.faults.machine import Machine
    from tests.faults.storm import storm

    kills = int(getattr(options, "kills", KILLS))
    seed = int(getattr(options, "seed", 0)) or random.SystemRandom().getrandbits(32)
    with tempfile.TemporaryDirectory(prefix="linghang-faults-") as folder:
        machine = Machine(Path(folder))
        machine.manage("migrate", "-v0")
        machine.start()
        began = time.monotonic()
        try:
            outcome = storm(machine, kills, seed)
        finally:
            machine.stop()
    return {
        "seed": seed,
        "kills": outcome.kills.total(),
        "kills_of": dict(outcome.kills),
        "orders_acknowledged": outcome.acknowledged,
        "orders_unanswered": outcome.unanswered,
        "lost": outcome.lost,
        "doubled": outcome.doubled,
        "uncounted": outcome.uncounted,
        "unfinished": outcome.unfinished,
        "seconds_to_rest": round(outcome.seconds_to_rest, 1),
        "storm_seconds": round(time.monotonic() - began, 1),
        "targets": {name: {"at_most": 0} for name in ("lost", "doubled", "uncounted", "unfinished")},
    }
