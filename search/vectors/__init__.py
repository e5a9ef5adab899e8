"""Meaning beside words, where an embedding service is set (`SEARCH_EMBEDDING_URL`); off without one.

Texts are turned into vectors by a job after they are indexed (`embedding`), kept beside the index (`folder`) or in Elasticsearch
(`elastic`), and asked for the nearest of a query (`nearby`), which are put together with those that words find. Whatever fails on
the way, words alone answer.
"""
