"""The step of the background: queue the days of which something arrived, count some of them anew and whole.

Counting whole days makes a run harmless to repeat, and an event may be late: its impression's day is queued again.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.sql import Cursor
from retrieval.locks import sole_run
from retrieval.models import DayTotals, RollupMark
from retrieval.rollups.by_arm import ANY_ARMS, ARMS, FORGET_ARMS
from retrieval.rollups.statements import FORGET, MONTHLY, OUTCOMES, QUEUE, TAKE, TOTALS

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
    until = start + timedelta(days=1)
    values: dict[str, Any] = {"day": start.date(), "start": start, "until": until, "now": now}
    values["monthly"] = _monthly_users(raw, values)
    for statement in (*FORGET, *FORGET_ARMS, OUTCOMES, TOTALS):
        raw.execute(statement, values)
    if raw.execute(ANY_ARMS, values).fetchall() == [(True,)]:
        raw.execute(ARMS, values)


def _monthly_users(raw: Cursor, values: dict[str, Any]) -> int:
    """Thirty days are read once for a day that is over; what comes late moves it by next to nothing."""
    counted = DayTotals.objects.filter(day=values["day"], counted_at__gte=values["until"])
    if (kept := counted.values_list("monthly_users", flat=True).first()) is not None:
        return kept
    [(users,)] = raw.execute(MONTHLY, values).fetchall()
    return int(users)
