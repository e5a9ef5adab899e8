"""What people and editors add to search."""

from portal.finding.models.answer import Answer
from portal.finding.models.curation import Pin, Policy, Synonym
from portal.finding.models.own import AlertedHit, Preferences, RecentSearch, SavedSearch
from portal.finding.models.use import AskedQuery, Click

__all__ = [
    "AlertedHit",
    "Answer",
    "AskedQuery",
    "Click",
    "Pin",
    "Policy",
    "Preferences",
    "RecentSearch",
    "SavedSearch",
    "Synonym",
]
