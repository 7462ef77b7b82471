"""Who was here lately: whom it pays to prepare answers for."""

import datetime as dt
import math

from catalog.sql import cursor

_LATELY = dt.timedelta(hours=24)
_COUNT = (
    "SELECT count(DISTINCT user_id) FROM catalog_interaction WHERE occurred_at > %s AND occurred_at <= %s"
)
_MOST_ACTIVE = """
SELECT person.external_id FROM (
    SELECT user_id, count(*) AS events FROM catalog_interaction WHERE occurred_at > %s AND occurred_at <= %s
    GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT %s
) AS active JOIN catalog_user person ON person.id = active.user_id
ORDER BY active.events DESC, active.user_id
"""


def most_active(now: dt.datetime, *, at_most: int) -> list[str]:
    """External ids of those with most events in the 24 hours before `now`, at most so many."""
    with cursor() as raw:
        rows = raw.execute(_MOST_ACTIVE, [now - _LATELY, now, at_most]).fetchall()
    return [user for (user,) in rows]


def most_active_share(now: dt.datetime, *, share: float) -> list[str]:
    """The same, of this share of all who were active then."""
    with cursor() as raw:
        (active,) = raw.execute(_COUNT, [now - _LATELY, now]).fetchone() or (0,)
    return most_active(now, at_most=math.ceil(active * share))
