"""A text imported again: what persons corrected of its structure is done again, and what could not be is said."""

from __future__ import annotations

import dataclasses

from portal.regulations.domain.parsing import Doubt, ParsedLaw
from portal.regulations.domain.storing import provisions_from
from portal.regulations.domain.structuring.doubts import relocated
from portal.regulations.domain.structuring.recutting import corrected_again
from portal.regulations.domain.structuring.rows import rows_of, units_of
from portal.regulations.models import RegulationVersion


def again_corrected(version: RegulationVersion, law: ParsedLaw) -> ParsedLaw:
    """`law` with the corrections of `version`, whose list loses those that no longer fit; both kinds are told as doubts."""
    before = provisions_from(version, law)
    rows, kept, lost = corrected_again(rows_of(before), version.corrections)
    version.corrections = list(kept)
    corrected = dataclasses.replace(law, doubts=list(law.doubts))
    if kept:
        corrected.units = units_of(rows)
        moved = relocated(
            [dataclasses.asdict(doubt) for doubt in law.doubts], before, provisions_from(version, corrected)
        )
        corrected.doubts = [Doubt(**doubt) for doubt in moved]
        corrected.doubts.append(Doubt(0, "corrections_kept", f"沿用了上次人工更正的 {len(kept)} 处结构。"))
    corrected.doubts += [
        Doubt(0, "correction_lost", "文字已变，上次人工更正的这一处结构没有保留，请核对", one["excerpt"])
        for one in lost
    ]
    return corrected
