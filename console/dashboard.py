"""The console's home, on the admin's first page: lights, what needs attention, the figures that matter, the traffic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from console import facts
from console.attention import attention
from console.audience import audience
from console.budget.cards import cards
from console.charts import Spark, spark
from console.metrics.choosing import Choice
from console.metrics.figures import Figures
from console.metrics.measure import Measure, count
from console.metrics.measures import BY_NAME
from console.metrics.online import time_of
from console.metrics.reading import read_figures
from retrieval.readiness import OK, readiness

# One for quality, one for people, two for the catalogue, two for the service.
_MATTER = ("ctr", "returning", "coverage", "new", "rate", "p95")
_WEEK = 7
_TITLES = {"postgres": "Postgres", "cache": "Cache", "mix": "Published mix"}


@dataclass(frozen=True, slots=True)
class Light:
    title: str
    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Tile:
    """now: of the last whole day, or of today where there is none; trend: seven days against the seven before."""

    measure: Measure
    now: str
    day: str
    trend: str
    chart: Spark | None


@dataclass(frozen=True, slots=True)
class Traffic:
    answers: str
    impressions: str
    chart: Spark | None


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """unfold's callback: the page's context, with the home's parts for who may see metrics."""
    if request.user.has_perm("retrieval.view_daytotals"):
        now = timezone.now()
        context["home"] = home_context(now)
        if request.user.has_perm("retrieval.view_requestday"):
            context["home"]["budgets"] = cards(now)
        context["may_switch_audience"] = request.user.has_perm("console.switch_audience")
    return context


def home_context(now: datetime) -> dict[str, Any]:
    found = readiness()
    return {
        "status": found.status,
        "lights": [Light(_TITLES.get(name, name), text == OK, text) for name, text in found.checks.items()],
        "facts": facts.current_facts(),
        "attention": attention(now),
        "tiles": tiles(now),
        "traffic": traffic(now),
        "audience": audience(),
    }


def tiles(now: datetime) -> list[Tile]:
    choice = Choice(step="day", days=2 * _WEEK)
    figures = read_figures(choice, now)
    return [_tile(BY_NAME[name], choice, figures) for name in _MATTER]


def traffic(now: datetime) -> Traffic:
    """Of the last 24 hours; the one under way counts as far as it has passed."""
    choice = Choice(step="hour", days=1)
    figures = read_figures(choice, now)
    values = [float(one.serving.answers) for one in figures]
    span = f"by hour from {time_of(figures[0].start, choice)} to {time_of(figures[-1].start, choice)}"
    return Traffic(
        answers=count(sum(values)),
        impressions=count(sum(one.outcome.impressions for one in figures)),
        chart=spark(values, count, title="Answers", span=span) if any(values) else None,
    )


def _tile(measure: Measure, choice: Choice, figures: Sequence[Figures]) -> Tile:
    values = [measure.value(one) for one in figures]
    whole = [place for place in range(len(values) - 1) if values[place] is not None]
    shown = whole[-1] if whole else len(values) - 1
    value = values[shown]
    span = f"by day from {time_of(figures[0].start, choice)} to {time_of(figures[-1].start, choice)}"
    return Tile(
        measure=measure,
        now="–" if value is None else measure.text(value),
        day=time_of(figures[shown].start, choice) + (" so far" if shown == len(values) - 1 else ""),
        trend=_trend(measure, values),
        chart=spark(values, measure.text, title=measure.title, span=span),
    )


def _trend(measure: Measure, values: Sequence[float | None]) -> str:
    before = [value for value in values[:_WEEK] if value is not None]
    after = [value for value in values[_WEEK:] if value is not None]
    if not before or not after:
        return ""
    return f"Mean of 7 days {measure.text(fmean(after))}; of the 7 before {measure.text(fmean(before))}"
