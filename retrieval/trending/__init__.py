"""What is hot now: forward-decayed scores in Valkey, moved by each event and rebuilt from Postgres.

An event adds weight · exp((t − landmark) / τ) to its item's score (Cormode et al., 2009): as time passes all items
fall alike, so nothing needs to be aged and order is exact at any moment.
"""

from retrieval.trending.rebuilding import rebuild
from retrieval.trending.rising import rising
from retrieval.trending.scores import add_events, floor, forget_copy, rebuilt_at, top, top_of_categories

__all__ = [
    "add_events",
    "floor",
    "forget_copy",
    "rebuild",
    "rebuilt_at",
    "rising",
    "top",
    "top_of_categories",
]
