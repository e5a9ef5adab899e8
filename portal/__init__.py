"""Linghang 领航. The version stands in `pyproject.toml`, too (a test compares)."""

__version__ = "0.1.0"
