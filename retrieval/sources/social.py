"""What the people whom the user follows engaged with of late."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from retrieval.asking import ask
from retrieval.config import config
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

EVENTS_PER_FRIEND = 50
Weights = NDArray[np.float64]

# One short walk down (user_id, occurred_at DESC) per friend, however active the friend is.
_EVENTS = """
SELECT coalesce(array_agg(friend.user_id), '{}'), coalesce(array_agg(event.item_id), '{}'),
       coalesce(array_agg(event.type_id::bigint), '{}')
FROM unnest(%(friends)s) AS friend (user_id)
CROSS JOIN LATERAL (
    SELECT item_id, type_id FROM catalog_interaction
    WHERE user_id = friend.user_id AND occurred_at > %(since)s AND occurred_at <= %(now)s
    ORDER BY occurred_at DESC LIMIT %(limit)s
) AS event
"""


@register
class Social:
    name = "social"
    label = "Friends"
    explores = False
    course = Course.NEXT
    reason = "people you follow liked this"

    def applies_to(self, context: Context) -> bool:
        return len(context.friends) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: each friend's strongest event, summed, times 1 + ln of the number of friends. A friend
        who also disliked or hid it doesn't count. The seed is the friend who said most, a user id.

        One query. Option `window_s`: how far back it looks.
        """
        if k <= 0:
            return Found.empty()
        friends, item_ids, weights = _events(context)
        friends, item_ids, weights = _strongest_each(friends, item_ids, weights)
        if not len(friends):
            return Found.empty()
        # Sorted by item, and within an item by weight, strongest first.
        order = np.lexsort((friends, -weights, item_ids))
        unique, first, counts = np.unique(item_ids[order], return_index=True, return_counts=True)
        scores = np.add.reduceat(weights[order], first) * (1 + np.log(counts))
        best = np.argsort(-scores, kind="stable")[:k]
        return Found(unique[best], scores[best].astype(np.float32), friends[order][first][best])


def _events(context: Context) -> tuple[Ids, Ids, Weights]:
    """Of each event: the friend, the item, the weight."""
    window_s = float(context.options.get("window_s", config().social_window_s))
    values = {
        "friends": context.friends,
        "since": context.now - timedelta(seconds=window_s),
        "now": context.now,
        "limit": EVENTS_PER_FRIEND,
    }
    [(friends, item_ids, types)] = ask(_EVENTS, values, context.deadline)
    known = context.event_weights
    return friends, item_ids, np.array([known.get(type_id, 0.0) for type_id in types.tolist()], np.float64)


def _strongest_each(friends: Ids, item_ids: Ids, weights: Weights) -> tuple[Ids, Ids, Weights]:
    """One row per friend and item that the friend likes, with the strongest of their events."""
    order = np.lexsort((weights, friends, item_ids))
    friends, item_ids, weights = friends[order], item_ids[order], weights[order]
    edges = np.ones(len(friends) + 1, np.bool_)
    edges[1:-1] = (friends[1:] != friends[:-1]) | (item_ids[1:] != item_ids[:-1])
    # Within a pair the weights ascend: the first says whether there is a dislike, the last how strong the like.
    likes = (weights[edges[:-1]] >= 0) & (weights[edges[1:]] > 0)
    return friends[edges[1:]][likes], item_ids[edges[1:]][likes], weights[edges[1:]][likes]
