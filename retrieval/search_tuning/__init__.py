"""How hard to search: recall against an exact search and latency by effort, for queries that come from users."""

from retrieval.search_tuning.curves import Asked, Curve, Point, measured
from retrieval.search_tuning.queries import live_queries
from retrieval.search_tuning.tuning import EFFORTS, Tuning, kept_tuning, tune_search

__all__ = [
    "EFFORTS",
    "Asked",
    "Curve",
    "Point",
    "Tuning",
    "kept_tuning",
    "live_queries",
    "measured",
    "tune_search",
]
