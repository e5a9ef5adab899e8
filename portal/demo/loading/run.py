"""Loading the demo site once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from django.db import transaction

from portal.demo.content_files import pictures_wanted
from portal.demo.loading.context import Context, seed_of
from portal.demo.loading.steps import STEPS, Step
from portal.demo.models import DemoStep
from portal.ground.clock import today
from portal.organisations.models import Organisation


class NotEmpty(Exception):
    """The installation holds organisations that are not the demo's: loading would mix invented people with real ones."""


def is_empty() -> bool:
    """Whether nothing was entered yet, by people or by a demo."""
    return not DemoStep.objects.exists() and not Organisation.objects.exists()


def is_begun() -> bool:
    """Whether a demo was loaded here, in full or in part."""
    return DemoStep.objects.exists()


def load_demo(report: Callable[[str], None], steps: Sequence[Step] = STEPS) -> list[str]:
    """Load the parts that are not loaded yet, each in its own transaction; returns their subjects.

    Raises NotEmpty where organisations exist and no part of the demo was ever loaded. Calls `report` with progress lines.
    A run that was broken off goes on where it stopped; one that was finished changes nothing.
    """
    if not is_begun() and not is_empty():
        raise NotEmpty
    logging.getLogger("wagtail").setLevel(logging.WARNING)  # one line a page would bury ours
    context = Context(today(), report)
    done = set(DemoStep.objects.values_list("subject", flat=True))
    waiting = [step for step in steps if step.subject not in done]
    if any(step.draws for step in waiting):
        context.drawings.begin((scene, seed_of(key)) for scene, key in pictures_wanted())
    try:
        for step in waiting:
            _load(step, context)
    finally:
        context.drawings.close()
    return [step.subject for step in waiting]


def _load(step: Step, context: Context) -> None:
    begun = time.monotonic()
    with transaction.atomic():
        said = step.load(context)
        DemoStep.objects.create(subject=step.subject)
    context.report(f"{step.label}：{said}（{time.monotonic() - begun:.1f} 秒）")
