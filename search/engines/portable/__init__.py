"""The engine for machines without a tantivy wheel (and, in memory, for unit tests): FTS5 of the SQLite that Python brings."""
