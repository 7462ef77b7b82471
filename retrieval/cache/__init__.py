"""Candidates that were found before: read, judged by their stamps, kept, and computed once where many ask at once."""

from retrieval.cache.flights import Flight, flights
from retrieval.cache.levels import Looked, Seen, cacheable, distrusted, keep, look
from retrieval.cache.packing import Kept, pack, unpack
from retrieval.cache.waiting import hold, let_go, wait_for_other

__all__ = [
    "Flight",
    "Kept",
    "Looked",
    "Seen",
    "cacheable",
    "distrusted",
    "flights",
    "hold",
    "keep",
    "let_go",
    "look",
    "pack",
    "unpack",
    "wait_for_other",
]
