"""When cached candidates have missed a new item: a mark in their key that moves when items arrive."""

from retrieval.newcomers.keeping import current_newcomers
from retrieval.types import Context, RetrievalError

# Where items arrive all the time, candidates are made anew this often; where none do, never for their sake.
_EVERY_S = 20
_READING_MS = 100


def arrivals_mark(context: Context) -> int:
    """Moves at once with the first arrival after a quiet time, and with those after it together, every 20 s."""
    try:
        arrived_at_s = current_newcomers(context.deadline.at_least(_READING_MS)).arrived_at_s
    except RetrievalError:
        return 0
    return mark_of(arrived_at_s, context.now_s)


def mark_of(arrived_at_s: int, now_s: int) -> int:
    """The end of the 20 s in which the latest item arrived; until it has come, the beginning."""
    begun = arrived_at_s // _EVERY_S * _EVERY_S
    return begun if now_s < begun + _EVERY_S else begun + _EVERY_S
