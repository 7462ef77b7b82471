"""What makes an item hot, part by part, and what would be hot if events faded faster or more slowly.

For pages: read from Postgres by index and with limits, and never served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from catalog.sql import cursor
from retrieval.popularity import LOWEST_EXPONENT
from retrieval.types import Found, Ids

EVENTS_READ = 50_000
EVENTS_READ_PER_ITEM = 500
# Of the items that these events are of, so many of the hottest are looked at: whether they are active, and where only
# some are wanted, whether they are of those. To look at all of them takes longer than to read the events.
_LOOKED_AT, LOOKED_AT_OF_SOME = 1_000, 10_000

_WORTH = """type.weight * exp(greatest(
    date_part('epoch', event.occurred_at - %(now)b::timestamptz) / %(time_constant_s)b::float8,
    %(lowest)b::float8))"""
_PARTS = f"""
SELECT wanted.item_id, type.name, type.weight, count(*), sum({_WORTH}), max(event.occurred_at)
FROM unnest(%(item_ids)b::bigint[]) AS wanted (item_id)
CROSS JOIN LATERAL (
    SELECT type_id, occurred_at FROM catalog_interaction
    WHERE item_id = wanted.item_id AND occurred_at <= %(now)b::timestamptz
    ORDER BY occurred_at DESC LIMIT %(most)b::bigint
) AS event
JOIN catalog_eventtype AS type ON type.id = event.type_id AND type.weight > 0
GROUP BY 1, 2, 3 ORDER BY 5 DESC
"""  # noqa: S608  of constants
_HOTTEST = f"""
WITH event AS MATERIALIZED (
    SELECT item_id, type_id, occurred_at FROM catalog_interaction
    WHERE occurred_at <= %(now)b::timestamptz ORDER BY occurred_at DESC LIMIT %(most)b::bigint
), hot AS (
    SELECT event.item_id, sum({_WORTH}) AS worth
    FROM event JOIN catalog_eventtype AS type ON type.id = event.type_id AND type.weight > 0
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(looked_at)b::bigint
), chosen AS (
    SELECT item.id, hot.worth
    FROM hot JOIN catalog_item AS item ON item.id = hot.item_id AND item.active
    WHERE (%(category)b::text = '' OR item.category = %(category)b::text)
        AND (%(tag)b::text = '' OR %(tag)b::text = ANY(item.tags))
    ORDER BY hot.worth DESC, item.id LIMIT %(k)b::bigint
), read AS (
    SELECT count(*) AS events, min(occurred_at) AS since FROM event
)
SELECT read.events, read.since, chosen.id, chosen.worth
FROM read LEFT JOIN chosen ON true ORDER BY chosen.worth DESC, chosen.id
"""  # noqa: S608  of constants


@dataclass(frozen=True, slots=True)
class Part:
    """What one type of event adds to an item: `worth` is its events' weights, each faded by its age."""

    type: str
    weight: float
    events: int
    worth: float
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Hottest:
    """`found`: scores are weights of events as they have faded by now. Of so many `events`, back to `since`; older
    ones were not read. since: None without events."""

    found: Found
    events: int
    since: datetime | None

    def left_unread(self, now: datetime, time_constant_s: float) -> float:
        """What an event right before the oldest that was read is still worth, 0 to 1 of a new one; 0 where all were."""
        if self.since is None or self.events < EVENTS_READ:
            return 0.0
        return float(np.exp(-(now - self.since).total_seconds() / time_constant_s))


def parts_of(item_ids: Ids, now: datetime, *, time_constant_s: float) -> dict[int, Sequence[Part]]:
    """By item, what its newest `EVENTS_READ_PER_ITEM` events add, the most first; nothing of an item without any."""
    values = {"item_ids": item_ids.tolist(), "most": EVENTS_READ_PER_ITEM, **_fading(now, time_constant_s)}
    parts: dict[int, list[Part]] = {}
    with transaction.atomic(), cursor() as raw:
        # Otherwise Postgres may read every event of an item in every month and sort them, for the newest few: the
        # planner knows how many an item has on average, and the hottest have a hundred times as many.
        raw.execute("SET LOCAL enable_sort = off")
        for item_id, *part in raw.execute(_PARTS, values).fetchall():
            parts.setdefault(item_id, []).append(Part(*part))
        raw.execute("SET LOCAL enable_sort TO DEFAULT")  # the transaction may be a caller's
    return {item_id: tuple(some) for item_id, some in parts.items()}


def hottest(k: int, now: datetime, *, time_constant_s: float, category: str = "", tag: str = "") -> Hottest:
    """The `k` hottest of the category and tag ("": any) by the newest `EVENTS_READ` events up to `now`; of a category
    or tag those among the `LOOKED_AT_OF_SOME` hottest of all."""
    values = {
        "k": k,
        "most": EVENTS_READ,
        "looked_at": LOOKED_AT_OF_SOME if category or tag else max(_LOOKED_AT, 2 * k),
        "category": category,
        "tag": tag,
        **_fading(now, time_constant_s),
    }
    with cursor() as raw:
        rows = raw.execute(_HOTTEST, values).fetchall()
    chosen = [(item_id, worth) for _, _, item_id, worth in rows if item_id is not None]
    found = Found(
        np.array([item_id for item_id, _ in chosen], np.int64),
        np.array([worth for _, worth in chosen], np.float32),
        np.zeros(len(chosen), np.int64),
    )
    return Hottest(found, rows[0][0], rows[0][1])


def _fading(now: datetime, time_constant_s: float) -> dict[str, object]:
    return {"now": now, "time_constant_s": time_constant_s, "lowest": LOWEST_EXPONENT}
