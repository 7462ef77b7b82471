"""How popular each item is at a moment: positive events, each worth exp(-age / time constant) of its weight.

Scores are forward-decayed (Cormode et al., 2009): relative to a landmark, here the newest event, so that one
more event changes one item's score and time itself changes none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.sql import Cursor

# exp() below this underflows in Postgres, with an error. Events that old are all worth the same next to nothing.
LOWEST_EXPONENT = -690.0
# What is usual of an item is told by events that fade so many times more slowly than those that say what is hot.
USUAL_TIME_CONSTANTS = 8.0

_TABLE = """
CREATE TEMP TABLE IF NOT EXISTS item_popularity (
    item_id bigint, score double precision, usual double precision
) ON COMMIT DELETE ROWS
"""
_BOUNDS = "SELECT min(occurred_at), max(occurred_at) FROM catalog_interaction WHERE occurred_at <= %s"
_FILL = """
INSERT INTO item_popularity
SELECT event.item_id, sum(type.weight * exp(greatest(
    date_part('epoch', event.occurred_at - %(landmark)s) / %(time_constant_s)s, %(lowest)s))),
    sum(type.weight * exp(greatest(
    date_part('epoch', event.occurred_at - %(landmark)s) / %(usual_time_constant_s)s, %(lowest)s)))
FROM catalog_interaction event
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
WHERE event.occurred_at >= %(since)s AND event.occurred_at <= %(now)s
GROUP BY event.item_id
"""


@dataclass(frozen=True, slots=True)
class Landmark:
    """When an event of weight 1 would add exactly 1 to its item's score."""

    at: datetime

    @property
    def at_s(self) -> float:
        """Unix time."""
        return self.at.timestamp()


def fill_item_popularity(
    raw: Cursor, *, now: datetime, time_constant_s: float, window_s: float, at_least: int
) -> Landmark:
    """Fills the temporary table `item_popularity` (item_id, score, usual) from the events of `window_s` up to the
    newest. `usual` is as `score`, fading more slowly.

    Nothing after `now` counts. The window doubles until `at_least` items have a score or the events end, so that
    a data set of years ago still has popular items.
    """
    empty_item_popularity(raw)
    oldest, newest = raw.execute(_BOUNDS, [now]).fetchone() or (None, None)
    if newest is None:
        return Landmark(now)
    while True:
        since = max(oldest, newest - timedelta(seconds=window_s))
        raw.execute("TRUNCATE item_popularity")
        raw.execute(
            _FILL,
            {
                "landmark": newest,
                "time_constant_s": time_constant_s,
                "usual_time_constant_s": USUAL_TIME_CONSTANTS * time_constant_s,
                "lowest": LOWEST_EXPONENT,
                "since": since,
                "now": now,
            },
        )
        if since == oldest or _count(raw) >= at_least:
            break
        window_s *= 2
    raw.execute("ANALYZE item_popularity")
    return Landmark(newest)


def empty_item_popularity(raw: Cursor) -> None:
    """The temporary table is there and has no row."""
    raw.execute(_TABLE)
    raw.execute("TRUNCATE item_popularity")


def _count(raw: Cursor) -> int:
    row = raw.execute("SELECT count(*) FROM item_popularity").fetchone()
    return row[0] if row else 0
