"""Keeping the index in step with the database: live changes, rebuild, sweep."""

from search.indexing.changes import index_groups
from search.indexing.rebuild import RebuildReport, rebuild
from search.indexing.sweep import SweepReport, sweep

__all__ = ["RebuildReport", "SweepReport", "index_groups", "rebuild", "sweep"]
