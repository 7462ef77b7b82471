"""From the roll-ups to figures by hour or day: a handful of statements over a few thousand narrow rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any

import numpy as np
from django.db.models import QuerySet, Sum
from django.db.models.functions import Trunc
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from catalog.sql import cursor
from console.metrics.choosing import Choice
from console.metrics.figures import Figures, Looks, Outcome, Serving
from retrieval.models import (
    AnswerHour,
    ArmAnswerHour,
    ArmHour,
    AudienceSlice,
    CacheHour,
    CatalogueSlice,
    DayTotals,
    SourceDay,
    SourceHour,
)

_SUMS = ("impressions", "clicks", "likes", "shares", "engaged", "dwells", "dwell_s")
_LATENCIES = """
SELECT date_trunc(%(step)s::text, hour, 'UTC'), array_agg(ms_counts) FROM retrieval_answerhour
WHERE hour >= %(since)s AND (%(surface)s::text IS NULL OR surface = %(surface)s::text)
GROUP BY 1
"""
_OF_AN_ARM = _LATENCIES.replace("answerhour\nWHERE", "armanswerhour\nWHERE variant_id = %(arm)s AND")
_OF_CATALOGUE = ("impressions", "items", "creators", "new_items", "gini", "diversity", "novelty")
_OF_AUDIENCE = ("active_users", "weekly_users", "monthly_users", "sessions", "session_s")
_BIGINTS = 1016  # Postgres' number of the type bigint[]
_TWO_DIMENSIONS = Struct("!7i")
_ELEMENT = np.dtype([("bytes", ">i4"), ("value", ">i8")])


class _Added(Loader):
    """Histograms as the rows of one array, added up without a Python object per row or step: a month has ten
    thousand of them. int64 [steps]."""

    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[np.int64]:
        # Number of dimensions, whether there are NULLs, the elements' type; then of each dimension length and first.
        _, _, _, rows, _, steps, _ = _TWO_DIMENSIONS.unpack_from(data)
        every = np.frombuffer(data, _ELEMENT, offset=_TWO_DIMENSIONS.size)["value"].reshape(rows, steps)
        added: NDArray[np.int64] = every.sum(axis=0, dtype=np.int64)
        return added


def read_figures(choice: Choice, now: datetime) -> list[Figures]:
    """One for each hour or day of the choice, oldest first."""
    starts = choice.starts(now)
    length = timedelta(hours=1) if choice.step == "hour" else timedelta(days=1)
    outcomes, servings = _outcomes(choice, starts[0]), _servings(choice, starts[0])
    days = {} if choice.step == "hour" else _days(choice, starts[0])
    items = _items(choice, starts[0], days)
    return [
        Figures(
            start=start,
            seconds=max(1.0, min(length, now - start).total_seconds()),
            outcome=outcomes.get(start, Outcome()),
            serving=servings.get(start, Serving()),
            day=days.get(start),
            items=items.get(start),
        )
        for start in starts
    ]


def _outcomes(choice: Choice, since: datetime) -> Mapping[datetime, Outcome]:
    rows: QuerySet[Any] = SourceHour.objects.all()
    if choice.arm is not None:
        rows = ArmHour.objects.filter(variant_id=choice.arm)
    wanted = {"surface": choice.surface, "source": choice.source, "newcomer": choice.newcomer}
    rows = rows.filter(hour__gte=since, **{name: one for name, one in wanted.items() if one is not None})
    summed = _by_step(rows, choice).annotate(**{f"all_{name}": Sum(name) for name in _SUMS})
    return {row["start"]: Outcome(**{name: row[f"all_{name}"] for name in _SUMS}) for row in summed}


def _servings(choice: Choice, since: datetime) -> Mapping[datetime, Serving]:
    rows: QuerySet[Any] = AnswerHour.objects.all()
    if choice.arm is not None:
        rows = ArmAnswerHour.objects.filter(variant_id=choice.arm)
    rows = rows.filter(hour__gte=since)
    if choice.surface is not None:
        rows = rows.filter(surface=choice.surface)
    found: dict[datetime, Serving] = {}
    counted = _by_step(rows, choice, "level").annotate(
        all_answers=Sum("answers"), all_short=Sum("short"), all_degraded=Sum("degraded")
    )
    for row in counted:
        before = found.get(row["start"], Serving())
        found[row["start"]] = Serving(
            answers=before.answers + row["all_answers"],
            short=before.short + row["all_short"],
            degraded=before.degraded + row["all_degraded"],
            by_level={**before.by_level, row["level"]: row["all_answers"]},
        )
    for start, counts in _latencies(choice, since).items():
        found[start] = replace(found.get(start, Serving()), ms_counts=counts.tolist())
    for start, looks in (_looks(choice, since) if choice.arm is None else {}).items():
        found[start] = replace(found.get(start, Serving()), looks=looks)
    return found


def _looks(choice: Choice, since: datetime) -> dict[datetime, dict[str, Looks]]:
    rows = CacheHour.objects.filter(hour__gte=since)
    if choice.surface is not None:
        rows = rows.filter(surface=choice.surface)
    found: dict[datetime, dict[str, Looks]] = {}
    for row in _by_step(rows, choice, "level").annotate(all_hits=Sum("hits"), all_misses=Sum("misses")):
        found.setdefault(row["start"], {})[row["level"]] = Looks(row["all_hits"], row["all_misses"])
    return found


def _latencies(choice: Choice, since: datetime) -> dict[datetime, NDArray[np.int64]]:
    values = {"step": choice.step, "since": since, "surface": choice.surface, "arm": choice.arm}
    with cursor() as raw:
        raw.adapters.register_loader(_BIGINTS, _Added)
        rows = raw.execute(_LATENCIES if choice.arm is None else _OF_AN_ARM, values, binary=True)
        return {moment.astimezone(UTC): counts for moment, counts in rows}


def _days(choice: Choice, since: datetime) -> dict[datetime, DayTotals]:
    """Where a surface, people or an arm are chosen: their own figures, beside the day's catalogue; empty where nothing
    was counted for them."""
    days = {_start(row.day): row for row in DayTotals.objects.filter(day__gte=since.date())}
    if not choice.filters - {"source"}:
        return days
    slices: tuple[tuple[Any, Sequence[str]], ...] = (
        (CatalogueSlice.objects, _OF_CATALOGUE),
        (AudienceSlice.objects, _OF_AUDIENCE),
    )
    for rows, names in slices:
        own = rows.filter(
            day__gte=since.date(), variant=choice.arm, surface=choice.surface, newcomer=choice.newcomer
        )
        found = {_start(row.day): row for row in own}
        for start, day in days.items():
            for name in names:
                setattr(day, name, getattr(found.get(start), name, None))
    return days


def _items(choice: Choice, since: datetime, days: Mapping[datetime, DayTotals]) -> dict[datetime, int]:
    if choice.filters != {"source"} or choice.step == "hour":
        return {start: day.items for start, day in days.items()}
    rows = SourceDay.objects.filter(day__gte=since.date(), source=choice.source)
    return {_start(day): items for day, items in rows.values_list("day", "items")}


def _by_step(rows: QuerySet[Any], choice: Choice, *more: str) -> Any:
    return (
        rows.annotate(start=Trunc("hour", choice.step, tzinfo=UTC)).values("start", *more).order_by("start")
    )


def _start(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def total(figures: Iterable[Figures]) -> Figures:
    """All of them as one; what is known of days only is left out, as it can't be added up."""
    every = list(figures)
    sums = {name: sum(getattr(one.outcome, name) for one in every) for name in _SUMS}
    levels: dict[str, int] = {}
    for one in every:
        for level, n in one.serving.by_level.items():
            levels[level] = levels.get(level, 0) + n
    counts = [one.serving.ms_counts for one in every if one.serving.ms_counts]
    return Figures(
        start=every[0].start,
        seconds=sum(one.seconds for one in every),
        outcome=Outcome(**sums),
        serving=Serving(
            answers=sum(one.serving.answers for one in every),
            short=sum(one.serving.short for one in every),
            degraded=sum(one.serving.degraded for one in every),
            by_level=levels,
            ms_counts=[sum(column) for column in zip(*counts, strict=True)],
        ),
    )
