"""The step of the background: queue the days of which something arrived, count some of them anew and whole.

Counting whole days makes a run harmless to repeat, and an event may be late: its impression's day is queued again.
"""

from datetime import UTC, datetime, timedelta

from catalog.sql import Cursor
from retrieval.locks import sole_run
from retrieval.models import RollupMark
from retrieval.rollups.statements import BY_SOURCE, FORGET, QUEUE, TAKE, TOTALS, WIDTH

DAYS_PER_RUN = 4
# What is older is history that was imported; it says nothing about what was served here.
OLDEST = timedelta(days=60)
# A transaction may commit this much after the time that it wrote.
_LATE_COMMITS = timedelta(minutes=2)


def roll_up(now: datetime) -> int | None:
    """How many days were counted, at most `DAYS_PER_RUN`: those first that have waited longest. None where another
    run is at it."""
    with sole_run("roll-ups") as raw:
        if raw is None:
            return None
        mark = RollupMark.objects.first()
        since = mark.queued_until - _LATE_COMMITS if mark else now - OLDEST
        raw.execute(QUEUE, {"since": since, "now": now, "oldest": now - OLDEST})
        RollupMark.objects.update_or_create(id=1, defaults={"queued_until": now})
        days = [day for (day,) in raw.execute(TAKE, {"days": DAYS_PER_RUN}).fetchall()]
        for day in days:
            _count(raw, datetime(day.year, day.month, day.day, tzinfo=UTC), now)
    return len(days)


def _count(raw: Cursor, start: datetime, now: datetime) -> None:
    values = {"day": start.date(), "start": start, "until": start + timedelta(days=1), "now": now}
    for statement in (*FORGET, BY_SOURCE, WIDTH, TOTALS):
        raw.execute(statement, values)
