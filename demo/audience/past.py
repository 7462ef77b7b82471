"""A short past, so that pages have something to show from the first minute: looks of now, told as of the last two days.

Only the times are invented: the answers are the API's own, and impressions and events take the way that all do.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from catalog.partitions import INTERACTIONS, ensure_partitions, ensure_partitions_for
from coldstart.impressions import IMPRESSIONS
from demo.audience.api import Api
from demo.audience.looking import Look, look, send
from demo.audience.town import Town

LONGEST = timedelta(hours=48)
SHORTEST = timedelta(hours=1)  # a shorter gap is no gap
_LOOKS_PER_HOUR = 5
_LOOKS_AT_ONCE = 100
# What happened in the last minute is for the present.
_UNTIL = timedelta(minutes=1)


def gap(last_seen: datetime | None, now: datetime) -> timedelta:
    """How much past is missing, at most `LONGEST`; nothing where the audience was here within the last hour."""
    missing = LONGEST if last_seen is None else min(now - last_seen, LONGEST)
    return missing if missing > SHORTEST else timedelta(0)


def make_room(now: datetime) -> None:
    """Partitions of the months of the past, of now and to come: the worker makes those to come, and not before its
    first turn, when the audience has been at work for a while."""
    for of in (INTERACTIONS, IMPRESSIONS):
        ensure_partitions(now, of=of)
        ensure_partitions_for([now - LONGEST], of=of)


def fill(
    api: Api,
    town: Town,
    rng: random.Random,
    *,
    missing: timedelta,
    now: datetime,
    at_most_s: float,
    wanted: Callable[[], bool],
) -> int:
    """How many looks were put into the gap before `now`, spread evenly, in at most so many seconds. wanted: asked
    between them; where it says no, what there is by then is sent. Raises as `Api`."""
    until, count = time.monotonic() + at_most_s, int(missing / timedelta(hours=1) * _LOOKS_PER_HOUR)
    # In an order of chance, so that a short time thins out the past and cuts off none of it.
    moments = [now - _UNTIL - (missing - _UNTIL) * rng.random() for _ in range(count)]
    made, waiting = 0, list[Look]()
    for at in moments:
        if time.monotonic() > until or not wanted():
            break
        waiting.append(look(api, town.somebody(rng), town, rng, at=at))
        made += 1
        if len(waiting) == _LOOKS_AT_ONCE:
            send(api, waiting)
            waiting = []
    send(api, waiting)
    return made
