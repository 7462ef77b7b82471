"""Which cached values new items have outdated."""

import time

import numpy as np

from coldstart.exploration.choosing import standing
from coldstart.exploration.config import config
from retrieval.deadline import Deadline
from retrieval.newcomers.keeping import current_newcomers
from retrieval.types import Ids, RetrievalError

# Where items arrive all the time, candidates are made anew this often; where none do, never for their sake.
_EVERY_S = 20
_READING_MS = 100


def arrivals_mark() -> int:
    """Unix time: candidates that were made before it may lack an item that has arrived. Moves at once with the first
    arrival after a quiet time, and with those after it together, every 20 s."""
    try:
        arrived_at_s = current_newcomers(Deadline.after_ms(_READING_MS)).arrived_at_s
    except RetrievalError:
        return 0
    return mark_of(arrived_at_s, int(time.time()))


def mark_of(arrived_at_s: int, now_s: int) -> int:
    """The end of the 20 s in which the latest item arrived; until it has come, the beginning."""
    begun = arrived_at_s // _EVERY_S * _EVERY_S
    return begun if now_s < begun + _EVERY_S else begun + _EVERY_S


def still_stands(user_id: int, was: int, drawn: Ids) -> bool:
    """Whether new items that were chosen for an answer of this user may be shown again: `was` is what `standing` was
    then, `drawn` the bandit's among them."""
    newcomers = current_newcomers(Deadline.after_ms(_READING_MS))
    if was != standing(newcomers, user_id, now_s=int(time.time()), rules=config()):
        return False
    return not len(drawn) or bool(np.isin(drawn, newcomers.bandit.item_ids).all())
