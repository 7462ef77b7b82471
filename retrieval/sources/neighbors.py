"""What people with the same recent reading turned to of late: neighbors of this moment, not of the last training."""

import numpy as np
from numpy.typing import NDArray

from retrieval.asking import ask
from retrieval.sets import among, largest, numbered
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

SEEDS = 20
AUDIENCE = 50  # of each item the newest events by others
NEIGHBORS = 50
EVENTS = 40  # of each neighbor the newest
# Per earlier item of the user's.
SEED_DECAY = 0.9

# Short walks down two indexes, as many as these numbers say, however popular an item and however active a neighbor.
_NEAR = """
WITH met AS (
    SELECT DISTINCT seed.id AS item_id, seed.share, event.user_id
    FROM unnest(%(seeds)s, %(shares)s) AS seed (id, share)
    CROSS JOIN LATERAL (
        SELECT user_id FROM catalog_interaction
        WHERE item_id = seed.id AND occurred_at <= %(now)s AND user_id <> %(user)s
        ORDER BY occurred_at DESC LIMIT %(audience)s
    ) AS event
), near AS (
    SELECT user_id, sum(share / sqrt(people + 1)) AS likeness
    FROM (SELECT *, count(*) OVER (PARTITION BY item_id) AS people FROM met) AS counted
    GROUP BY user_id ORDER BY likeness DESC, user_id LIMIT %(neighbors)s
)
SELECT coalesce(array_agg(near.user_id), '{}'), coalesce(array_agg(near.likeness), '{}'),
       coalesce(array_agg(event.item_id), '{}'), coalesce(array_agg(event.type_id::bigint), '{}')
FROM near CROSS JOIN LATERAL (
    SELECT item_id, type_id FROM catalog_interaction
    WHERE user_id = near.user_id AND occurred_at <= %(now)s
    ORDER BY occurred_at DESC LIMIT %(events)s
) AS event
"""
# The same short walks whatever the values: planning them over all months' partitions anew costs more than they do.
_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"


@register
class Neighbors:
    name = "neighbors"
    label = "Others with your taste"
    explores = False
    course = Course.FIRST
    reason = "people who turned to the same things turned to this"

    def applies_to(self, context: Context) -> bool:
        return len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: the sum of the likeness of the neighbors who liked it lately, each once. A neighbor's
        likeness: of the items that both turned to, the user's later ones more, each over the root of how many
        others did of late. What the user has is not proposed again. There are no seeds: it is many people together.

        User-based neighborhoods (Herlocker et al. 1999), read from the newest events, so that an event counts in the
        next request of anybody. One query. Options: `seeds`, `audience`, `neighbors`, `events`.
        """
        if k <= 0:
            return Found.empty()
        people, likeness, item_ids = _turned_to(context)
        new = ~among(item_ids, np.sort(context.engaged()))
        found, columns = numbered(item_ids[new])
        # Each neighbor has one say on an item, however often she turned to it.
        pairs = np.stack([columns, people[new]])
        (columns, _), first = np.unique(pairs, axis=1, return_index=True)
        totals = np.bincount(columns, weights=likeness[new][first], minlength=len(found))
        best = largest(totals, k)
        return Found(found[best], totals[best].astype(np.float32), np.zeros(len(best), np.int64))


def _turned_to(context: Context) -> tuple[Ids, NDArray[np.float64], Ids]:
    """Of each of the neighbors' events that say liking: whose it is, how alike they are, the item."""
    options = context.options
    newest_first = context.liked()["item_id"][::-1].astype(np.int64)
    _, first = np.unique(newest_first, return_index=True)
    seeds = newest_first[np.sort(first)][: int(options.get("seeds", SEEDS))]
    values = {
        "seeds": seeds,
        "shares": np.power(SEED_DECAY, np.arange(len(seeds)), dtype=np.float64),
        "user": context.user_id,
        "now": context.now,
        "audience": int(options.get("audience", AUDIENCE)),
        "neighbors": int(options.get("neighbors", NEIGHBORS)),
        "events": int(options.get("events", EVENTS)),
    }
    [(people, likeness, item_ids, types)] = ask(_NEAR, values, context.deadline, settings=_PLAN)
    weights = context.event_weights
    liked = np.array([weights.get(type_id, 0.0) > 0 for type_id in types.tolist()], np.bool_)
    return people[liked], likeness[liked], item_ids[liked]
