"""The page “On line”: every measure over time, as a line and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from console.charts import Spark, spark
from console.metrics.choosing import Choice, ChoiceForm
from console.metrics.download import csv_file
from console.metrics.figures import Figures
from console.metrics.measure import DAYS_ONLY, TOLD_BY, Group, Measure
from console.metrics.measures import MEASURES
from console.metrics.reading import read_figures
from retrieval.models import DayTotals

_FILTER_NAMES = {"surface": "surface", "source": "source", "arm": "arm", "people": "new against returning"}


@dataclass(frozen=True, slots=True)
class Card:
    measure: Measure
    now: str  # of the newest time that has a value
    chart: Spark | None


@dataclass(frozen=True, slots=True)
class Section:
    """why_not: why there is nothing to see here, in a sentence; rows: newest first, (time, texts)."""

    title: str
    cards: Sequence[Card]
    rows: Sequence[tuple[str, Sequence[str]]]
    why_not: str


def online_page(request: HttpRequest, site: AdminSite, now: datetime) -> HttpResponse:
    form = ChoiceForm(request.GET, now)
    choice = form.choice()
    figures = read_figures(choice, now)
    if request.GET.get("format") == "csv":
        return _csv(choice, figures)
    query = request.GET.copy()
    query["format"] = "csv"
    context = {
        **site.each_context(request),
        "title": "Metrics: on line",
        "form": form,
        "choice": choice,
        "sections": [_section(group, choice, figures) for group in Group],
        "counted_at": DayTotals.objects.order_by("-day").values_list("counted_at", flat=True).first(),
        "csv": query.urlencode(),
    }
    return TemplateResponse(request, "console/admin/metrics.html", context)


def value_of(measure: Measure, choice: Choice, figures: Figures) -> float | None:
    """None where it wasn't counted, or can't be told by what is chosen."""
    return None if _why_not(measure, choice) else measure.value(figures)


def time_of(start: datetime, choice: Choice) -> str:
    return f"{start:%d %b %H:00}" if choice.step == "hour" else f"{start:%a %d %b}"


def _why_not(measure: Measure, choice: Choice) -> str:
    if measure.group in DAYS_ONLY and choice.step == "hour":
        return "Counted by day only."
    if told := [measure.untold[name] for name in sorted(choice.filters & measure.untold.keys())]:
        return " ".join(told)
    blind = choice.filters - TOLD_BY[measure.group]
    if blind & measure.alone:
        return "" if len(choice.filters) == 1 else "Measured by source where nothing else is chosen."
    names = [name for key, name in _FILTER_NAMES.items() if key in blind]
    return f"Not measured by {' or '.join(names)}." if names else ""


def _reasons(measures: Sequence[Measure], choice: Choice) -> list[str]:
    """Why some of these are left out, in a sentence for each reason that says for which, where it isn't for all."""
    by_reason: dict[str, list[str]] = {}
    for measure in measures:
        by_reason.setdefault(_why_not(measure, choice), []).append(measure.title)
    alone = len(by_reason) == 1
    return [
        reason if alone else f"{', '.join(titles)}: {reason[0].lower()}{reason[1:]}"
        for reason, titles in by_reason.items()
        if reason
    ]


def _section(group: Group, choice: Choice, figures: Sequence[Figures]) -> Section:
    measures = [measure for measure in MEASURES if measure.group is group]
    told = [measure for measure in measures if not _why_not(measure, choice)]
    rows = [
        (time_of(one.start, choice), [_text(measure, measure.value(one)) for measure in told])
        for one in reversed(figures)
    ]
    return Section(
        title=group.value,
        cards=[_card(measure, choice, figures) for measure in told],
        rows=rows if told else [],
        why_not=" ".join(_reasons(measures, choice)),
    )


def _card(measure: Measure, choice: Choice, figures: Sequence[Figures]) -> Card:
    values = [measure.value(one) for one in figures]
    newest = next((value for value in reversed(values) if value is not None), None)
    span = (
        f"by {choice.step} from {time_of(figures[0].start, choice)} to {time_of(figures[-1].start, choice)}"
    )
    chart = spark(values, measure.text, title=measure.title, span=span)
    return Card(measure, _text(measure, newest), chart)


def _text(measure: Measure, value: float | None) -> str:
    return "–" if value is None else measure.text(value)


def _csv(choice: Choice, figures: Sequence[Figures]) -> HttpResponse:
    """All measures in their own units; ratios as ratios."""
    rows = (
        [one.start.astimezone(UTC).isoformat(), *(value_of(measure, choice, one) for measure in MEASURES)]
        for one in figures
    )
    header = [f"{choice.step} (UTC)", *(measure.title for measure in MEASURES)]
    return csv_file(f"metrics-by-{choice.step}", header, rows)
