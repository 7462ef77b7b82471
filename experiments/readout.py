"""What an experiment says by now, from the rows that the background keeps: nothing is scanned here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from django.utils import timezone

from experiments.comparing import LINES, compared
from experiments.looks import comparison_of
from experiments.models import Baseline, Experiment, Guardrail, Look, Totals, Traffic, Variant
from experiments.models.experiment import WHOLE
from experiments.statistics import (
    ALPHA,
    LOOKS,
    SRM_ALARM,
    Comparison,
    Estimate,
    Interval,
    Metric,
    Moments,
    Told,
    clustered,
    days_until,
    fixed,
    grouped,
    never_worse,
    plan,
    sample_ratio_p,
    sequential,
    spread,
    value,
)

# A read-out is of the plan for so long after its end: until the last look has been taken.
_SETTLES = timedelta(days=1)


class Kind(StrEnum):
    """Which intervals a read-out tells."""

    ONCE = "once"
    DAILY = "daily"  # of the planned looks, as each was taken
    ANY_TIME = "any time"
    AFTER_PLAN = "after the plan"  # at any time, and no new claims


@dataclass(frozen=True, slots=True)
class ArmLine:
    """expected: users by its share of all."""

    variant: Variant
    users: int
    expected: float


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric of one arm beside the control. interval: None where it may not be told yet, or not be known."""

    metric: Told
    variant: Variant
    comparison: Comparison | None
    interval: Interval | None
    claim: Interval | None = (
        None  # what decides: of the first planned look that did, else the interval itself
    )
    claimed_on: int | None = None  # the number of that look

    @property
    def verdict(self) -> str:
        """better, worse, or "": not decided."""
        if self.claim is None or not self.claim.decided:
            return ""
        return "better" if (self.claim.low > 0) == self.metric.more_is_better else "worse"


@dataclass(frozen=True, slots=True)
class GuardLine:
    """worse: how much worse the arm is, in the unit of the limit; None where too little is known."""

    guardrail: Guardrail
    variant: Variant
    control: float | None
    treatment: float | None
    worse: Interval | None

    @property
    def broken(self) -> bool:
        return self.worse is not None and self.worse.low > self.guardrail.limit


@dataclass(frozen=True, slots=True)
class ReadOut:
    arms: Sequence[ArmLine]
    users: int
    ratio_p: float
    metrics: Sequence[MetricLine]
    guards: Sequence[GuardLine]
    told: bool  # False: intervals wait for the planned users
    kind: Kind
    look: int | None = None  # the newest that was taken

    @property
    def mismatch(self) -> bool:
        return self.ratio_p < SRM_ALARM


def kind_of(experiment: Experiment, now: datetime) -> Kind:
    if experiment.reading == Experiment.Reading.AT_END:
        return Kind.ONCE
    if (end := experiment.planned_end) is None:
        return Kind.ANY_TIME
    return Kind.AFTER_PLAN if (experiment.stopped_at or now) > end + _SETTLES else Kind.DAILY


def read_out(experiment: Experiment) -> ReadOut:
    variants = list(experiment.variants.all())
    totals = {one.variant_id: one for one in Totals.objects.filter(variant__in=variants)}
    users = [totals[one.pk].users if one.pk in totals else 0 for one in variants]
    shares, whole = [one.share_per_10000 for one in variants], sum(users)
    arms = [
        ArmLine(variant, n, whole * share / max(sum(shares), 1))
        for variant, n, share in zip(variants, users, shares, strict=True)
    ]
    kind = kind_of(experiment, timezone.now())
    told = kind is not Kind.ONCE or whole >= experiment.planned_users
    looks = _looks(variants) if kind in (Kind.DAILY, Kind.AFTER_PLAN) else {}
    metrics = _metric_lines(experiment, variants, kind, looks, told=told)
    ratio_p = sample_ratio_p(users, shares) if variants else 1.0
    newest = max((newest.number for newest, _ in looks.values()), default=None)
    return ReadOut(
        arms, whole, ratio_p, metrics, guard_lines(experiment, variants, totals), told, kind, newest
    )


def _looks(variants: Sequence[Variant]) -> dict[tuple[int, str], tuple[Look, Look | None]]:
    """By variant and metric: the newest look, and the first that decided."""
    of_each = Look.objects.filter(variant__in=variants).order_by("variant_id", "metric")
    newest = of_each.order_by("variant_id", "metric", "-number").distinct("variant_id", "metric")
    first = of_each.filter(p__lt=ALPHA).order_by("variant_id", "metric", "number")
    deciding = {(one.variant_id, one.metric): one for one in first.distinct("variant_id", "metric")}
    return {(one.variant_id, one.metric): (one, deciding.get((one.variant_id, one.metric))) for one in newest}


def _metric_lines(
    experiment: Experiment,
    variants: Sequence[Variant],
    kind: Kind,
    looks: dict[tuple[int, str], tuple[Look, Look | None]],
    *,
    told: bool,
) -> list[MetricLine]:
    found = compared(variants)
    lines = []
    for metric in LINES:
        for variant in variants:
            key = (variant.pk, metric.name)
            if key not in found:
                continue
            if kind in (Kind.DAILY, Kind.AFTER_PLAN):
                newest, first = looks.get(key, (None, None))
                claim = _interval(first) if first else None
                claimed_on = first.number if first else None
                if kind is Kind.DAILY:
                    comparison, interval = (
                        (comparison_of(newest), _interval(newest)) if newest else (found[key], None)
                    )
                else:
                    comparison, interval = found[key], _always(found[key], experiment)
                lines.append(MetricLine(metric, variant, comparison, interval, claim, claimed_on))
                continue
            comparison = found[key]
            interval = None
            if comparison is not None and comparison.variance > 0 and told:
                interval = fixed(comparison) if kind is Kind.ONCE else _always(comparison, experiment)
            lines.append(MetricLine(metric, variant, comparison, interval, interval))
    return lines


def _always(comparison: Comparison | None, experiment: Experiment) -> Interval | None:
    if comparison is None or comparison.variance <= 0:
        return None
    return sequential(comparison, planned_users=experiment.planned_users)


def _interval(look: Look) -> Interval:
    return Interval(look.low, look.high, look.p)


def guard_lines(
    experiment: Experiment, variants: Sequence[Variant], totals: dict[int, Totals]
) -> list[GuardLine]:
    """Held against their limits every few minutes, so their intervals are always-valid whatever is planned: a look a
    day would let harm go on until the next, and more looks would break its promise."""
    control = next((one for one in variants if one.control), None)
    others = [one for one in variants if not one.control]
    if control is None:
        return []
    lines = []
    for guardrail in experiment.guardrails.all():
        before = _estimate(guardrail.metric, control, totals)
        for variant in others:
            after = _estimate(guardrail.metric, variant, totals)
            worse = None
            if before is not None and after is not None:
                worse = never_worse(
                    before,
                    after,
                    limit=guardrail.limit,
                    relative=guardrail.metric in (Guardrail.Metric.LATENCY, Guardrail.Metric.COVERAGE),
                    more_is_worse=guardrail.metric != Guardrail.Metric.COVERAGE,
                )
            values = (before.value if before else None, after.value if after else None)
            lines.append(GuardLine(guardrail, variant, *values, worse))
    return lines


def broken_guardrails(experiment: Experiment) -> list[str]:
    """A sentence for each; none where the experiment does no harm that is certain."""
    variants = list(experiment.variants.all())
    totals = {one.variant_id: one for one in Totals.objects.filter(variant__in=variants)}
    return [
        f"{line.guardrail.get_metric_display()} of {line.variant.name} is worse by {line.worse.low:.3g} or more; "
        f"the limit is {line.guardrail.limit:g}."
        for line in guard_lines(experiment, variants, totals)
        if line.broken and line.worse is not None
    ]


def _estimate(metric: str, variant: Variant, totals: dict[int, Totals]) -> Estimate | None:
    if metric in (Guardrail.Metric.COVERAGE, Guardrail.Metric.GINI):
        one = totals.get(variant.pk)
        values = (one.coverage if metric == Guardrail.Metric.COVERAGE else one.gini) if one else []
        return grouped(np.array(values, np.float64))
    column = "ms" if metric == Guardrail.Metric.LATENCY else "short"
    rows = list(Traffic.objects.filter(variant=variant).values_list(column, "answers"))
    if not rows:
        return None
    counted = np.array(rows, np.float64)
    return clustered(counted[:, 0], counted[:, 1])


@dataclass(frozen=True, slots=True)
class Forecast:
    """users, days: at one look in the end; the others: at a look a day until a planned end, and looking at any time.
    None days: not within a year."""

    users: int
    days: int | None
    users_daily: int
    days_daily: int | None
    users_any_time: int
    days_any_time: int | None


def forecast(
    experiment: Experiment,
    baseline: Baseline,
    metric: Metric,
    *,
    effect: float,
    traffic_bp: int,
    power: float,
) -> Forecast:
    """How long it takes to see the effect (relative) in the smallest arm, by what users did in the last fortnight.
    Raises ValueError where that says nothing of the metric."""
    people = Moments.stored(baseline.users, baseline.sums, baseline.products)
    shares = {one.control: one.share_per_10000 for one in experiment.variants.order_by("-share_per_10000")}
    control, treatment = shares.get(True, WHOLE // 2), shares.get(False, WHOLE // 2)
    planned = plan(
        mean=value(people, metric),
        variance=spread(people, metric),
        effect=effect,
        share=treatment / (control + treatment),
        power=power,
        looks=experiment.planned_days or LOOKS,
    )
    traffic = traffic_bp / WHOLE * (control + treatment) / WHOLE
    needed = (planned.at_end, planned.daily, planned.any_time)
    days = [days_until(users, baseline.users_by_day, traffic) for users in needed]
    return Forecast(needed[0], days[0], needed[1], days[1], needed[2], days[2])
