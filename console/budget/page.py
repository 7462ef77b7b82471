"""The page “Error budget”."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.budget import texts
from console.budget.budgets import Budget, Day, Sums, kinds
from console.budget.cards import Said, card
from console.budget.reading import read_budgets, read_days, read_hours
from console.metrics.download import csv_file
from retrieval.models import RequestDay
from retrieval.objectives import latency_ms

_HOURS = 48
# In the order of the table.
_COLUMNS = {
    "served": Said("Served", "Answered as asked.", "None: it is a count."),
    "degraded": Said(
        "Degraded", "Answered, without something that should have helped.", "None: it is a count."
    ),
    "refused": Said("Client’s fault", "4xx but 429: spends nothing.", "None: it is a count."),
    "limited": Said(
        "Over its rate", "429, the key’s rate was used up: spends nothing.", "None: it is a count."
    ),
    "shed": Said("No room", "503 at the door, more than could be answered in time.", "None: it is a count."),
    "failed": Said("Failed", "5xx.", "None: it is a count."),
    "timed": Said("Timed", "Requests for a user’s candidates.", "None: it is a count."),
    "slow": Said("Slow", "Of those, beyond the objective’s time.", "None: it is a count."),
}


def budget_page(request: HttpRequest, site: AdminSite, now: datetime) -> HttpResponse:
    days = read_days(now)
    if request.GET.get("format") == "csv":
        return _csv(next(iter(days.values())))
    budgets = read_budgets(now)
    context = {
        **site.each_context(request),
        "title": "Error budget",
        "cards": [card(budget, days[budget.kind.objective.name]) for budget in budgets],
        "columns": list(_COLUMNS.values()),
        "shares": _shares(budgets),
        "days": _days(days),
        "hours": [
            (f"{start.astimezone(UTC):%a %d %b %H:00}", _row(sums)) for start, sums in read_hours(now, _HOURS)
        ],
        "counted_since": RequestDay.objects.order_by("day").values_list("day", flat=True).first(),
        "latency_ms": latency_ms(),
    }
    return TemplateResponse(request, "console/admin/budget.html", context)


def _shares(budgets: Sequence[Budget]) -> list[Said]:
    """Two columns per objective, before those that count."""
    return [
        said
        for budget in budgets
        for said in (
            Said(budget.kind.title, f"Requests that {budget.kind.good}.", f"{budget.kind.requests}."),
            Said("Left", "Of the budget, at the day’s end.", "The budget of the thirty days up to it."),
        )
    ]


def _days(by_name: dict[str, list[Day]]) -> list[tuple[str, list[str]]]:
    """Newest first; only days of which something was counted."""
    every = list(zip(*by_name.values(), strict=True))
    return [
        (f"{one[0].day:%a %d %b}", [*_share_cells(one), *_row(one[0].sums)])
        for one in reversed(every)
        if one[0].sums
    ]


def _share_cells(one: Sequence[Day]) -> list[str]:
    return [text for day in one for text in (texts.share(day.counted.good_share), texts.left(day.left))]


def _row(sums: Sums) -> list[str]:
    return [f"{sums.get(name, 0):,}" for name in _COLUMNS]


def _csv(days: Sequence[Day]) -> HttpResponse:
    """The counts of each day, and the share of each objective as a ratio; empty where nothing was asked."""

    def row(day: date, sums: Sums) -> list[object]:
        counts = [sums.get(name, 0) for name in _COLUMNS]
        return [day.isoformat(), *counts, *(kind.of(sums).good_share for kind in kinds())]

    header = ["day (UTC)", *_COLUMNS, *(kind.objective.name for kind in kinds())]
    return csv_file("error-budget-by-day", header, (row(day.day, day.sums) for day in days))
