"""What a user liked, as a profile that models of items read: each item once, and how much it says of her now."""

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Context, Ids

WEIGHT_POWER = 0.5


def recent_likes(context: Context, *, most: int, step_decay: float) -> tuple[Ids, NDArray[np.float32]]:
    """(int64 [n] ascending, float32 [n]): the `most` items liked last, and the root of each one's weight times
    `step_decay` for each later moment at which the user liked something."""
    liked = context.liked()
    # One entry per item, its last one.
    _, from_end = np.unique(liked["item_id"][::-1], return_index=True)
    liked = liked[np.sort(len(liked) - 1 - from_end)][-most:]
    # Events of one moment are equally recent: an import may carry one date for all.
    _, moment = np.unique(liked["occurred_at_s"], return_inverse=True)
    steps_back = moment.max(initial=0) - moment
    weights = context.weights_of(liked)
    shares = (weights**WEIGHT_POWER * step_decay**steps_back).astype(np.float32)
    order = np.argsort(liked["item_id"])
    return liked["item_id"][order].astype(np.int64), shares[order]
