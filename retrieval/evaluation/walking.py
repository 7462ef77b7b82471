"""The past, walked forward: each request at its own moment, as of its own moment. Freshness can be learned like this.

Within `as_of` the clock goes from one request to the next; what happened between them moves trending as it did then.
The events are read once, in order, and nothing real is written.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.events import EventResult
from catalog.sql import cursor
from retrieval import toplists, trending
from retrieval.evaluation.past import Past, forget_the_present
from retrieval.evaluation.replay import Chore

_EVENTS_AT_ONCE = 10_000
# Of each user and item the first event, where it says liking; a sample by a hash, the same each time.
_MOMENTS = """
SELECT event.user_id, person.external_id, event.item_id, event.occurred_at
FROM catalog_interaction event
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
JOIN catalog_user person ON person.id = event.user_id
WHERE event.occurred_at >= %(begin)s AND event.occurred_at < %(end)s
  AND (%(types)s::text[] IS NULL OR type.name = ANY(%(types)s::text[]))
  AND NOT EXISTS (
    SELECT FROM catalog_interaction earlier
    WHERE earlier.user_id = event.user_id AND earlier.item_id = event.item_id
      AND (earlier.occurred_at, earlier.event_id) < (event.occurred_at, event.event_id)
)
ORDER BY hashtext(event.event_id), event.event_id LIMIT %(most)s
"""
_EVENTS = """
SELECT event.event_id, event.user_id, event.item_id, event.type_id, type.weight, event.occurred_at
FROM {schema}.catalog_interaction event JOIN catalog_eventtype type ON type.id = event.type_id
WHERE (event.occurred_at, event.event_id) > (%s, %s) AND event.occurred_at < %s
ORDER BY event.occurred_at, event.event_id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user met for the first time at that moment: a request just before it should have found it."""

    user_id: int
    user: str  # external id
    item_id: int
    at: dt.datetime


def wishes(
    begin: dt.datetime, end: dt.datetime, *, most: int, types: Sequence[str] | None = None
) -> list[Wish]:
    """At most so many from `begin` to before `end`, in order of time, the same ones each time. Not within a past, which
    knows nothing of them. types: names of the event types that count; None: all that say liking."""
    values = {"begin": begin, "end": end, "most": most, "types": None if types is None else list(types)}
    with cursor() as raw:
        found = [Wish(*row) for row in raw.execute(_MOMENTS, values)]
    return sorted(found, key=lambda wish: (wish.at, wish.user_id, wish.item_id))


def walk(past: Past, begin: dt.datetime, wanted: Sequence[Wish]) -> Iterator[Wish]:
    """Each of `wanted` in turn, with the catalogue, the user's history and trending as of its moment. Within
    `as_of(begin)`; `wanted` in order of time."""
    if not wanted:
        return
    chores = [
        Chore(toplists.rebuild, every=dt.timedelta(hours=12)),
        # Events move it one by one; between two rebuilds only old items stay that a rebuild would drop.
        Chore(trending.rebuild, every=dt.timedelta(days=1)),
    ]
    events = _events(past, begin, wanted[-1].at)
    ahead = next(events, None)
    for wish in wanted:
        past.move_to(wish.at)
        happened: list[EventResult] = []
        while ahead and ahead.occurred_at and ahead.occurred_at < wish.at:
            happened.append(ahead)
            ahead = next(events, None)
        trending.add_events(happened, now=wish.at)
        done = [chore.tick(wish.at, newest_item=0) for chore in chores]
        if any(done):
            forget_the_present()
        past.keep_history(wish.user_id, before=wish.at)
        yield wish


def _events(past: Past, begin: dt.datetime, end: dt.datetime) -> Iterator[EventResult]:
    """All real ones, in order of time."""
    after = (begin, "")
    while True:
        with cursor() as raw:
            rows = raw.execute(past.real(_EVENTS), [*after, end, _EVENTS_AT_ONCE]).fetchall()
        if not rows:
            return
        for event_id, user_id, item_id, type_id, weight, at in rows:
            yield EventResult(
                "accepted",
                event_id,
                user_id=user_id,
                item_id=item_id,
                type_id=type_id,
                weight=weight,
                occurred_at=at,
            )
        after = (rows[-1][5], rows[-1][0])
