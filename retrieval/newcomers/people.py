import numpy as np

from catalog.history import History
from coldstart.exploration.choosing import Person
from coldstart.exploration.config import config
from retrieval.types import Context, Ids


def person_of(context: Context, *more_never: Ids) -> Person:
    """The user as exploration sees them: everything they did or were tried on is no news; nor is `more_never`."""
    never = [_items(context.history), context.explored, context.blocked_items, *more_never]
    return Person(
        user_id=context.user_id,
        never=np.sort(np.concatenate(never)),
        blocked_creators=context.blocked_creators,
        segment=_segment(context),
    )


def _items(history: History) -> Ids:
    return np.asarray(history["item_id"], np.int64)


def _segment(context: Context) -> str:
    by = config().bandit_segment
    return "" if by == "none" else str(getattr(context, by))
