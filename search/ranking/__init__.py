"""Authority: what a document weighs before anybody asks, from who issued it and how often it is cited."""

from search.ranking.authority import authority, citation_counts, level_of, place_citation_counts

__all__ = ["authority", "citation_counts", "level_of", "place_citation_counts"]
