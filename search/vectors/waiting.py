"""Asking for vectors of what was just indexed; apart from the work itself, so that indexing need not know it."""

from __future__ import annotations

from django.conf import settings

from portal.ground.jobs import enqueue

JOB = "search.embed"


def expect_vectors() -> None:
    """Have vectors made soon of what was just indexed. Nothing while no service is set."""
    if settings.SEARCH_EMBEDDING:
        enqueue(JOB, key=JOB)
