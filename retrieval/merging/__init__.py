"""Turns what the sources found into one ordered pool. Pure numpy; every candidate keeps all its sources."""

from retrieval.merging.orders import MERGES
from retrieval.merging.pool import append_pool, build_pool, merge

__all__ = ["MERGES", "append_pool", "build_pool", "merge"]
