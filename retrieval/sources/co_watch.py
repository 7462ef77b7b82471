"""What comes next: what others turned to after, and just before, what the user turned to last."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from retrieval.sets import among, numbered
from retrieval.source import register
from retrieval.sql import hot_connection
from retrieval.types import Context, Found, Ids

SEEDS = 5
AUDIENCE = 50
AFTER, BEFORE = 10, 5
WINDOW_S = 7 * 86_400.0
HALF_LIFE_S = 86_400.0
# Per later item of the user's: the last one says the most of where she is heading.
SEED_DECAY = 0.8
# What came before an item says less of what comes next than what came after it.
BACKWARDS = 0.5

# For each seed the newest events on it by others, for each of those a few of its user's events on either side: short
# walks down two indexes, however popular the item and however large the catalogue.
_NEAR = """
SELECT coalesce(array_agg(seed.id), '{}'), coalesce(array_agg(near.item_id), '{}'),
       coalesce(array_agg(near.type_id::bigint), '{}'), coalesce(array_agg(near.after), '{}'),
       coalesce(array_agg(extract(epoch FROM %(now)s - near.occurred_at)::float8), '{}')
FROM unnest(%(seeds)s) AS seed (id)
CROSS JOIN LATERAL (
    SELECT user_id, occurred_at FROM catalog_interaction
    WHERE item_id = seed.id AND occurred_at <= %(now)s AND user_id <> %(user)s
    ORDER BY occurred_at DESC LIMIT %(audience)s
) AS met
CROSS JOIN LATERAL (
    (
        SELECT item_id, type_id, occurred_at, 1::bigint AS after FROM catalog_interaction
        WHERE user_id = met.user_id AND occurred_at > met.occurred_at
            AND occurred_at <= least(met.occurred_at + %(window)s, %(now)s)
        ORDER BY occurred_at LIMIT %(after)s
    ) UNION ALL (
        SELECT item_id, type_id, occurred_at, 0::bigint FROM catalog_interaction
        WHERE user_id = met.user_id AND occurred_at < met.occurred_at AND occurred_at >= met.occurred_at - %(window)s
        ORDER BY occurred_at DESC LIMIT %(before)s
    )
) AS near
"""


@register
class CoWatch:
    name = "co_watch"
    label = "Watched next"
    explores = False
    reason = "others turned to this after {seed}"

    def applies_to(self, context: Context) -> bool:
        return len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: over the user's last items and the newest events of others on them, one for each time that
        their users turned to it within a week after, a half within a week before (A → B is not B → A), halved with
        each day that this is ago.

        Neighborhoods of sessions (Jannach, Ludewig 2017) with the direction of co-visitation (Davidson et al. 2010),
        read from the events themselves: an event counts in the next request, and nothing is kept that could be stale.
        One query. Options: `seeds`, `audience`, `after`, `before`, `window_s`.
        """
        if k <= 0:
            return Found.empty()
        seeds, shares = _last_items(context, int(context.options.get("seeds", SEEDS)))
        places, item_ids, parts = _near(context, seeds, shares)
        known = among(item_ids, np.sort(context.engaged()))
        places, item_ids, parts = places[~known], item_ids[~known], parts[~known]
        found, columns = numbered(item_ids)
        totals = np.bincount(columns, weights=parts, minlength=len(found))
        by_seed = np.zeros((len(seeds), len(found)))
        np.add.at(by_seed, (places, columns), parts)
        best = np.argsort(-totals, kind="stable")[:k]
        strongest = by_seed[:, best].argmax(axis=0)
        return Found(found[best], totals[best].astype(np.float32), seeds[strongest])


def _last_items(context: Context, most: int) -> tuple[Ids, NDArray[np.float64]]:
    """(int64 [n], float64 [n]): the items liked last, the last one first, and what each counts."""
    newest_first = context.liked()["item_id"][::-1].astype(np.int64)
    _, first = np.unique(newest_first, return_index=True)
    items = newest_first[np.sort(first)][:most]
    return items, np.power(SEED_DECAY, np.arange(len(items)), dtype=np.float64)


def _near(
    context: Context, seeds: Ids, shares: NDArray[np.float64]
) -> tuple[NDArray[np.int64], Ids, NDArray[np.float64]]:
    """Of each event near one of the seeds: the seed's place, the item, what it counts. Dislikes do not count."""
    options = context.options
    values = {
        "seeds": seeds,
        "user": context.user_id,
        "now": context.now,
        "window": timedelta(seconds=float(options.get("window_s", WINDOW_S))),
        "audience": int(options.get("audience", AUDIENCE)),
        "after": int(options.get("after", AFTER)),
        "before": int(options.get("before", BEFORE)),
    }
    with hot_connection(context.deadline) as connection:
        [(seed_ids, item_ids, types, after, ages_s)] = connection.execute(_NEAR, values).fetchall()
    weights = context.event_weights
    liked = np.array([weights.get(type_id, 0.0) > 0 for type_id in types.tolist()], np.bool_)
    order = np.argsort(seeds)
    places = order[np.searchsorted(seeds[order], seed_ids[liked])] if len(seeds) else seed_ids[liked]
    direction = np.where(after[liked] > 0, 1.0, BACKWARDS)
    parts = shares[places] * direction * np.exp2(-np.maximum(ages_s[liked], 0) / HALF_LIFE_S)
    return places, item_ids[liked], parts
