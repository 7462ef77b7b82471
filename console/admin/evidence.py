"""Engagement rates with their intervals, as a picture: one line per hour of an item, or per item of a creator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db.models import Count, Sum

from catalog.models import Creator
from coldstart.exploration.config import config
from coldstart.exploration.posterior import Posterior
from coldstart.models import Cell, Trial

_LEFT, _RIGHT, _TOP, _LINE = 170, 130, 28, 24
WIDTH = 760
_LINES_AT_MOST = 40
_TICKS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One posterior; x in the picture's units, y of its middle."""

    label: str
    y: int
    low: float
    mean: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Threshold:
    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]]
    thresholds: Sequence[Threshold]
    height: int
    summary: str
    width: int = WIDTH


def picture(counts: Sequence[tuple[str, int, int]], summary: str) -> Picture | None:
    """Of (label, exposures, engagements), in order; None where there are none. The scale begins at 0."""
    if not counts:
        return None
    rules = config()
    posteriors = [posterior_of(exposures, engagements) for _, exposures, engagements in counts]
    intervals = [posterior.interval(rules.certainty) for posterior in posteriors]
    top = max([high for _, high in intervals] + [rules.graduate_rate]) * 1.05

    def x(rate: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * rate / top, 1)

    lines = [
        Line(
            label,
            _TOP + _LINE * row + _LINE // 2,
            x(low),
            x(posterior.mean),
            x(high),
            f"{engagements} of {exposures}",
        )
        for row, ((label, exposures, engagements), posterior, (low, high)) in enumerate(
            zip(counts, posteriors, intervals, strict=True)
        )
    ]
    return Picture(
        lines=lines,
        ticks=[(x(top * i / _TICKS), percent(top * i / _TICKS)) for i in range(_TICKS + 1)],
        thresholds=[
            Threshold(x(rules.retire_rate), f"retires below {percent(rules.retire_rate)}"),
            Threshold(x(rules.graduate_rate), f"graduates above {percent(rules.graduate_rate)}"),
        ],
        height=_TOP + _LINE * len(lines) + 40,
        summary=summary,
    )


def item_evidence(trial: Trial) -> dict[str, Any]:
    """What an item's page shows: the posterior after each hour, and every change with its reason."""
    by_hour = (
        Cell.objects.filter(item_id=trial.pk)
        .values_list("hour")
        .annotate(Sum("exposures"), Sum("engagements"))
        .order_by("hour")
    )
    return {
        "evidence": picture(list(_grown(by_hour))[-_LINES_AT_MOST:], "The engagement rate after each hour."),
        "changes": trial.changes.all()[:100],
    }


def creator_evidence(creator: Creator) -> dict[str, Any]:
    """What a creator's page shows: how many of the new items are in which state, and the newest of them."""
    trials = Trial.objects.filter(item__creator=creator)
    states = trials.values_list("state").annotate(Count("pk"), Sum("exposures"), Sum("engagements"))
    newest = trials.select_related("item").order_by("-entered_at")[:_LINES_AT_MOST]
    counts = [(str(trial.item)[:24], trial.exposures, trial.engagements) for trial in newest]
    return {
        "states": list(states.order_by("state")),
        "evidence": picture(counts, "The engagement rates of the newest items."),
    }


def posterior_of(exposures: int, engagements: int) -> Posterior:
    rules = config()
    return Posterior.of(exposures, engagements, prior_alpha=rules.prior_alpha, prior_beta=rules.prior_beta)


def percent(rate: float) -> str:
    return f"{100 * rate:.2g} %"


def _grown(by_hour: Iterable[tuple[Any, int, int]]) -> Iterable[tuple[str, int, int]]:
    """Each hour with all that was counted up to its end."""
    rows = list(by_hour)
    shown = accumulate(row[1] for row in rows)
    engaged = accumulate(row[2] for row in rows)
    for (hour, _, _), exposures, engagements in zip(rows, shown, engaged, strict=True):
        yield f"{hour:%d %b %H:00}", exposures, engagements
