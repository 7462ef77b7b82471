"""The step of the background: queue the days of which something arrived, count some of them anew and whole.

Counting whole days makes a run harmless to repeat, and an event may be late: its impression's day is queued again.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.sql import Cursor
from retrieval.locks import sole_run
from retrieval.models import DayTotals, RollupMark
from retrieval.rollups.audience import (
    AUDIENCE,
    AUDIENCE_OF_ARMS,
    FORGET_AUDIENCE,
    REACH,
    REACH_COUNTED,
    REACH_OF_ARMS,
)
from retrieval.rollups.catalogue import CATALOGUE, CATALOGUE_OF_ARMS, FORGET_CATALOGUE
from retrieval.rollups.slices import ANY_ARMS
from retrieval.rollups.statements import FORGET, LASTING, LASTING_SO_FAR, OUTCOMES, QUEUE, TAKE, TOTALS

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
    values["weekly"], values["monthly"] = _lasting_users(raw, values)
    statements = [*FORGET, *FORGET_CATALOGUE, *FORGET_AUDIENCE, OUTCOMES, TOTALS, CATALOGUE, AUDIENCE]
    arms = _holds(raw, ANY_ARMS, values)
    if arms:
        statements += [CATALOGUE_OF_ARMS, AUDIENCE_OF_ARMS]
    if until <= now and not _holds(raw, REACH_COUNTED, values):
        statements += [REACH, REACH_OF_ARMS] if arms else [REACH]
    for statement in statements:
        raw.execute(statement, values)


def _lasting_users(raw: Cursor, values: dict[str, Any]) -> tuple[int, int]:
    """Of the week and the month. Thirty days are read once for a day that is over; what comes late moves it by next to
    nothing."""
    counted = DayTotals.objects.filter(day=values["day"], counted_at__gte=values["until"])
    for weekly, monthly in counted.values_list("weekly_users", "monthly_users"):
        if weekly is not None and monthly is not None:
            return weekly, monthly
    statement = LASTING_SO_FAR if values["now"] < values["until"] else LASTING
    [(weekly, monthly)] = raw.execute(statement, values).fetchall()
    return int(weekly), int(monthly)


def _holds(raw: Cursor, question: str, values: dict[str, Any]) -> bool:
    return raw.execute(question, values).fetchall() == [(True,)]
