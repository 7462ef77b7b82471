"""A person's right to be forgotten, and to see what is held: by every table that refers to a user, found by itself."""

from retrieval.erasing.erasing import erase, erasures_of, user_hash
from retrieval.erasing.exporting import held_about
from retrieval.erasing.sweeping import awaiting_snapshots, complete, sweep
from retrieval.erasing.tables import tables_of_people

__all__ = [
    "awaiting_snapshots",
    "complete",
    "erase",
    "erasures_of",
    "held_about",
    "sweep",
    "tables_of_people",
    "user_hash",
]
