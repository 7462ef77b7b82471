"""Which cached values new items have outdated."""

import time

import numpy as np

from coldstart.exploration.choosing import Person, share_of
from coldstart.exploration.config import config
from retrieval.deadline import Deadline
from retrieval.newcomers.keeping import current_newcomers
from retrieval.types import RetrievalError

# Where items arrive all the time, candidates are made anew this often; where none do, never for their sake.
_EVERY_S = 20
_READING_MS = 100
_NOTHING = np.empty(0, np.int64)


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


def tries_something(user_id: int) -> bool:
    """Whether an answer of this user may have new items in it, so that it can't be given again as it was."""
    if not user_id:
        return False
    newcomers = current_newcomers(Deadline.after_ms(_READING_MS))
    if len(newcomers.bandit) and config().bandit_slots:
        return True
    if not len(newcomers.trials) or not config().slots:
        return False
    person = Person(user_id, never=_NOTHING, blocked_creators=_NOTHING)
    return len(share_of(newcomers.trials, person, int(time.time()))) > 0
