"""Codes of organisations: the next one by the unit's scheme. A code is never used again, so the highest used counts, dissolved
or moved away included."""

from __future__ import annotations

import re
from collections.abc import Iterable

from portal.organisations.domain.rules import rules
from portal.organisations.models import Organisation


def next_code(kind: str, parent: Organisation | None, *, taken: Iterable[str] = ()) -> str:
    """The code that the scheme offers for a new organisation of `kind` below `parent` (None: at the top).

    `taken` are codes that are about to be used too. One query.
    """
    scheme = rules()
    if parent is not None:
        pattern = scheme.code_patterns[kind]
    else:
        pattern = scheme.league_root_code if kind in Organisation.LEAGUE_KINDS else scheme.root_code
    above = parent.code if parent is not None else ""
    before = pattern[: pattern.index("{number")].format(parent=above)
    alike = _regex(pattern, above)
    used = {*Organisation.objects.filter(code__startswith=before).values_list("code", flat=True), *taken}
    numbers = [int(match[1]) for code in used if (match := alike.match(code))]
    number = max(numbers, default=0) + 1
    while (code := pattern.format(parent=above, number=number)) in used:
        number += 1
    return code


def _regex(pattern: str, parent: str) -> re.Pattern[str]:
    before, _, rest = pattern.partition("{number")
    spec, _, after = rest.partition("}")
    width = int(spec.strip(":").lstrip("0") or 1)
    head, tail = re.escape(before.format(parent=parent)), re.escape(after.format(parent=parent))
    return re.compile(rf"{head}(\d{{{width},{width + 1}}}){tail}\Z")
