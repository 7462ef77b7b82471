"""The page “What each source is worth”."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.metrics.download import csv_file
from console.metrics.measure import count, ms, percent
from console.metrics.values import Worth, read_overlaps, read_worths
from retrieval.source import all_sources

DAYS = (1, 7, 28)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    title: str
    definition: str
    denominator: str
    value: Callable[[Worth], float | None]
    text: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Row:
    """width: of the bar of what was engaged with, 0 to 100."""

    source: str
    label: str
    cells: Sequence[str]
    width: float


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _marginal(one: Worth) -> float | None:
    own, rest = _share(one.engaged, one.impressions), _share(one.others_engaged, one.others_impressions)
    return None if own is None or rest is None else own - rest


def points(value: float) -> str:
    return f"{100 * value:+.2f} points"


COLUMNS: Sequence[Column] = (
    Column(
        "impressions",
        "Impressions",
        "Impressions of items that this source ranked best.",
        "None: it is a count.",
        lambda one: one.impressions,
        count,
    ),
    Column(
        "engaged",
        "Engaged",
        "Of those, clicked, liked or shared within a week.",
        "None: it is a count.",
        lambda one: one.engaged,
        count,
    ),
    Column(
        "rate",
        "Engagement",
        "Engaged impressions of the source.",
        "Its impressions.",
        lambda one: _share(one.engaged, one.impressions),
        percent,
    ),
    Column(
        "marginal",
        "Marginal engagement",
        "By how much its engagement is above that of all other sources together: what a place earns by being its.",
        "Impressions of each.",
        _marginal,
        points,
    ),
    Column(
        "unique",
        "Unique contribution",
        "Items of a day that no other source was credited with.",
        "Items of a day that it was credited with.",
        lambda one: _share(one.sole_items, one.items),
        percent,
    ),
    Column(
        "alone",
        "Engaged with alone",
        "Engaged impressions of items that no other source brought that day: what would be missed without it.",
        "Its engaged impressions.",
        lambda one: _share(one.sole_engaged, one.engaged),
        percent,
    ),
    Column(
        "overlap",
        "Overlap",
        "Its candidates that some other source proposed too, in answers that were computed.",
        "Its candidates in those answers.",
        lambda one: _share(one.candidates - one.sole, one.candidates),
        percent,
    ),
    Column(
        "failed",
        "Failed calls",
        "Calls that were late, refused or in error.",
        "Its calls.",
        lambda one: _share(one.failed, one.calls),
        percent,
    ),
    Column(
        "call_ms",
        "Per call",
        "Milliseconds of its calls.",
        "Its calls, of answers that were computed while somebody waited.",
        lambda one: _share(one.ms, one.calls),
        ms,
    ),
    Column(
        "engaged_ms",
        "Per engaged candidate",
        "Milliseconds of all its calls.",
        "Its engaged impressions.",
        lambda one: _share(one.ms, one.engaged) if one.calls else None,
        ms,
    ),
)


def worth_page(request: HttpRequest, site: AdminSite, now: datetime) -> HttpResponse:
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in DAYS} else 7
    worths = read_worths(days, now)
    if request.GET.get("format") == "csv":
        header = ["source", *(column.title for column in COLUMNS)]
        rows = ([one.source, *(column.value(one) for column in COLUMNS)] for one in worths)
        return csv_file(f"sources-{days}-days", header, rows)
    names = [one.source for one in worths if one.candidates]
    context = {
        **site.each_context(request),
        "title": "Metrics: what each source is worth",
        "days": days,
        "offered": DAYS,
        "columns": COLUMNS,
        "rows": _rows(worths),
        "names": names,
        "overlaps": _overlaps(days, now, {one.source: one.candidates for one in worths if one.candidates}),
    }
    return TemplateResponse(request, "console/admin/worth.html", context)


def _rows(worths: Sequence[Worth]) -> list[Row]:
    labels = {name: source.label for name, source in all_sources().items()}
    most = max((one.engaged for one in worths), default=0) or 1
    return [
        Row(
            one.source,
            labels.get(one.source, one.source),
            [_text(column, one) for column in COLUMNS],
            round(100 * one.engaged / most, 1),
        )
        for one in worths
    ]


def _text(column: Column, one: Worth) -> str:
    value = column.value(one)
    return "–" if value is None else column.text(value)


def _overlaps(days: int, now: datetime, candidates: dict[str, int]) -> list[tuple[str, list[str]]]:
    """A row per source: of its candidates, the share that each of the others proposed too."""
    shared = read_overlaps(days, now, list(candidates))
    return [
        (
            source,
            ["" if other == source else percent(shared.get((source, other), 0) / n) for other in candidates],
        )
        for source, n in candidates.items()
    ]
