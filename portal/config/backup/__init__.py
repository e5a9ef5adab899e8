"""Backup and restore of a whole site: database of either kind, files, keys. The search index is built anew."""
