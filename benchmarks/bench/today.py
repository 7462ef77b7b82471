"""A kept database is as old as its building: people go on doing what they did, so that friends and trends have news."""

import datetime as dt

import numpy as np

from catalog.events import Event, record_events
from catalog.sql import cursor

_STALE = dt.timedelta(hours=6)
_SPAN_S = 10 * 3600
_MOST = 40_000
_AT_ONCE = 10_000
_NEWEST = "SELECT max(occurred_at) FROM catalog_interaction"
_SOME = """
SELECT person.external_id, item.external_id, type.name
FROM (SELECT user_id, item_id, type_id FROM catalog_interaction TABLESAMPLE SYSTEM (%s) LIMIT %s) AS event
JOIN catalog_user person ON person.id = event.user_id
JOIN catalog_item item ON item.id = event.item_id
JOIN catalog_eventtype type ON type.id = event.type_id
"""


def tidy() -> None:
    """As autovacuum leaves a database within the day: one that was built just now has not been seen by it, and would be
    while it is measured."""
    with cursor() as raw:
        for table in ("catalog_item", "catalog_interaction", "catalog_user", "catalog_userhistory"):
            raw.execute(f"VACUUM (ANALYZE) {table}")


def bring_up_to_date(now: dt.datetime) -> int:
    """How many events of the last hours it recorded; none where there are some."""
    with cursor() as raw:
        [(newest,)] = raw.execute(_NEWEST).fetchall()
        if newest is not None and now - newest < _STALE:
            return 0
        [(users,)] = raw.execute("SELECT count(*) FROM catalog_user").fetchall()
        wanted = min(_MOST, 2 * users)
        [(events,)] = raw.execute("SELECT sum(event_count) FROM catalog_userhistory").fetchall()
        rows = raw.execute(_SOME, [min(100.0, 150.0 * wanted / float(events)), wanted]).fetchall()
    chance = np.random.default_rng(int(now.timestamp()))
    ages_s = np.sort(chance.integers(0, _SPAN_S, len(rows)))[::-1].tolist()
    events_today = [
        Event(
            event_id=None,
            user=user,
            item=item,
            type=kind,
            occurred_at=now - dt.timedelta(seconds=age_s),
        )
        for (user, item, kind), age_s in zip(rows, ages_s, strict=True)
    ]
    for start in range(0, len(events_today), _AT_ONCE):
        record_events(events_today[start : start + _AT_ONCE], now=now)
    return len(events_today)
