"""What is hot now: forward-decayed scores in Valkey, moved by each event and rebuilt from Postgres.

An event adds weight · exp((t − landmark) / τ) to its item's score (Cormode et al., 2009): as time passes all items
fall alike, so nothing needs to be aged and order is exact at any moment.
"""

from retrieval.trending.adding import add_events
from retrieval.trending.dissecting import EVENTS_READ_PER_ITEM, LOOKED_AT_OF_SOME, hottest, parts_of
from retrieval.trending.rebuilding import rebuild
from retrieval.trending.rising import rising, usual_of
from retrieval.trending.scores import (
    floor,
    forget_copy,
    rebuilt_at,
    take_floor_as_known,
    top,
    top_of_categories,
)
from retrieval.trending.standing import standing

__all__ = [
    "EVENTS_READ_PER_ITEM",
    "LOOKED_AT_OF_SOME",
    "add_events",
    "floor",
    "forget_copy",
    "hottest",
    "parts_of",
    "rebuild",
    "rebuilt_at",
    "rising",
    "standing",
    "take_floor_as_known",
    "top",
    "top_of_categories",
    "usual_of",
]
