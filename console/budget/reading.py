"""From the roll-ups of requests: as many rows whatever the traffic."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from console.budget.budgets import Budget, Day, Kind, Sums, kinds, left
from retrieval.models import RequestDay, RequestHour, RequestSlot
from retrieval.objectives import BURNS, PERIOD
from retrieval.tally.requests import COUNTED, SLOT_S

WINDOWS = sorted({window for burn in BURNS for window in (burn.long, burn.short)})
_DAY = timedelta(days=1)
_PERIOD_DAYS = PERIOD // _DAY


def read_budgets(now: datetime) -> list[Budget]:
    """Of each objective, as the processes stored it some seconds ago."""
    rows = list(RequestSlot.objects.filter(start__gte=_slot(now - WINDOWS[-1])).values("start", *COUNTED))
    by_window = {
        window: _added(row for row in rows if row["start"] >= _slot(now - window)) for window in WINDOWS
    }
    sums = _period(now - PERIOD)
    return [
        Budget(kind, kind.of(sums), {window: kind.of(found) for window, found in by_window.items()})
        for kind in kinds()
    ]


def read_days(now: datetime) -> dict[str, list[Day]]:
    """By the objective's name: the days of the period, oldest first; today as far as it was summed up."""
    today = now.astimezone(UTC).date()
    first = today - (2 * _PERIOD_DAYS - 2) * _DAY
    rows = RequestDay.objects.filter(day__gte=first, day__lte=today).values("day", *COUNTED)
    by_day = {row.pop("day"): row for row in rows}
    shown = [today - back * _DAY for back in reversed(range(_PERIOD_DAYS))]
    return {kind.objective.name: [_day(kind, day, by_day) for day in shown] for kind in kinds()}


def read_hours(now: datetime, hours: int) -> list[tuple[datetime, Sums]]:
    """Newest first; an hour without requests is left out."""
    rows = RequestHour.objects.filter(start__gt=now - timedelta(hours=hours)).order_by("-start")
    return [(row.pop("start"), row) for row in rows.values("start", *COUNTED)[:hours]]


def _period(since: datetime) -> Sums:
    """By the hours that were summed up, and by slots from the last of them on: of slots alone it were nine thousand."""
    since = since.replace(minute=0, second=0, microsecond=0)
    hours = RequestHour.objects.filter(start__gte=since)
    newest = hours.order_by("-start").values_list("start", flat=True).first() or since
    return _added(
        [_sums(hours.filter(start__lt=newest)), _sums(RequestSlot.objects.filter(start__gte=newest))]
    )


def _sums(rows: QuerySet[Any]) -> Sums:
    found = rows.aggregate(**{f"all_{name}": Sum(name) for name in COUNTED})
    return {name: found[f"all_{name}"] or 0 for name in COUNTED}


def _day(kind: Kind, day: date, by_day: Mapping[date, Sums]) -> Day:
    period = _added(by_day.get(day - back * _DAY, {}) for back in range(_PERIOD_DAYS))
    sums = by_day.get(day, {})
    return Day(day, sums, kind.of(sums), left(kind.objective, kind.of(period)))


def _added(rows: Iterable[Sums]) -> Sums:
    every = list(rows)
    return {name: sum(row.get(name, 0) for row in every) for name in COUNTED}


def _slot(moment: datetime) -> datetime:
    """The start of the slot that it lies in: a window is up to five minutes longer than it says."""
    return datetime.fromtimestamp(moment.timestamp() // SLOT_S * SLOT_S, UTC)
