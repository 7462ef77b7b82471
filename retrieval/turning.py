"""What people turned to after and before an item, read from the events themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import Ids

HALF_LIFE_S = 86_400.0
# What came before an item says less of what comes next than what came after it.
BACKWARDS = 0.5

# For each seed the newest events on it by others, for each of those a few of its user's events on either side: short
# walks down two indexes, however popular the item and however large the catalogue.
_NEAR = """
SELECT coalesce(array_agg(seed.id), '{}'), coalesce(array_agg(near.item_id), '{}'),
       coalesce(array_agg(near.type_id::bigint), '{}'), coalesce(array_agg(near.after), '{}'),
       coalesce(array_agg(date_part('epoch', %(now)s - near.occurred_at)), '{}')
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


# The same short walks whatever the values: planning them over all months' partitions anew costs more than they do.
_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far to look: of each item the newest events, and of their users so many on either side of it."""

    audience: int = 50
    after: int = 10
    before: int = 5
    window_s: float = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Turned:
    """One row an event, in no order. seeds: int64 [n], the items it is near; item_ids, type_ids: int64 [n]; after: bool
    [n], whether it came after; ages_s: float64 [n]."""

    seeds: Ids
    item_ids: Ids
    type_ids: Ids
    after: NDArray[np.bool_]
    ages_s: NDArray[np.float64]


def turned_to(seeds: Ids, *, but_user: int, now: datetime, reach: Reach, deadline: Deadline | None) -> Turned:
    """What others than that user turned to near each of these items, up to `now`. One query."""
    values = {
        "seeds": seeds,
        "user": but_user,
        "now": now,
        "window": timedelta(seconds=reach.window_s),
        "audience": reach.audience,
        "after": reach.after,
        "before": reach.before,
    }
    with hot_connection(deadline, settings=_PLAN) as connection:
        [(seed_ids, item_ids, types, after, ages_s)] = connection.execute(_NEAR, values).fetchall()
    return Turned(seed_ids, item_ids, types, after > 0, np.maximum(ages_s, 0))


def counts(turned: Turned) -> NDArray[np.float64]:
    """float64 [n]: what each row counts: a half where it came before, and halved with each day of its age."""
    return np.where(turned.after, 1.0, BACKWARDS) * np.exp2(-turned.ages_s / HALF_LIFE_S)
