"""Turns what the sources found into one ordered pool. Pure numpy; every candidate keeps all its sources."""

from retrieval.merging.blending import blend
from retrieval.merging.calibrated import FEATURES, features
from retrieval.merging.orders import MERGES
from retrieval.merging.pool import Order, append_pool, build_pool, merge, merge_input

__all__ = [
    "FEATURES",
    "MERGES",
    "Order",
    "append_pool",
    "blend",
    "build_pool",
    "features",
    "merge",
    "merge_input",
]
