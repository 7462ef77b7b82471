"""What an experiment says by now, from the rows that the background keeps: nothing is scanned here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.models import Baseline, Experiment, Guardrail, Totals, Traffic, Variant
from experiments.models.experiment import WHOLE
from experiments.statistics import (
    METRICS,
    SRM_ALARM,
    Comparison,
    Estimate,
    Interval,
    Metric,
    Moments,
    clustered,
    compare,
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


@dataclass(frozen=True, slots=True)
class ArmLine:
    """expected: users by its share of all."""

    variant: Variant
    users: int
    expected: float


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric of one arm beside the control. interval: None where it may not be told yet, or not be known."""

    metric: Metric
    variant: Variant
    comparison: Comparison | None
    interval: Interval | None


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

    @property
    def mismatch(self) -> bool:
        return self.ratio_p < SRM_ALARM


def read_out(experiment: Experiment) -> ReadOut:
    variants = list(experiment.variants.all())
    totals = {one.variant_id: one for one in Totals.objects.filter(variant__in=variants)}
    moments = {variant_id: _moments(one) for variant_id, one in totals.items()}
    users = [totals[one.pk].users if one.pk in totals else 0 for one in variants]
    shares, whole = [one.share_per_10000 for one in variants], sum(users)
    arms = [
        ArmLine(variant, n, whole * share / max(sum(shares), 1))
        for variant, n, share in zip(variants, users, shares, strict=True)
    ]
    any_time = experiment.reading == Experiment.Reading.ANY_TIME
    told = any_time or whole >= experiment.planned_users
    control = next((one for one in variants if one.control), None)
    others = [one for one in variants if not one.control]
    metrics = []
    for metric in METRICS:
        for variant in others if control else []:
            comparison = None
            if control is not None and control.pk in moments and variant.pk in moments:
                comparison = compare(moments[control.pk], moments[variant.pk], metric)
            interval = None
            if comparison is not None and comparison.variance > 0 and told:
                interval = (
                    sequential(comparison, planned_users=experiment.planned_users)
                    if any_time
                    else fixed(comparison)
                )
            metrics.append(MetricLine(metric, variant, comparison, interval))
    guards = guard_lines(experiment, control, others, totals) if control else []
    return ReadOut(arms, whole, sample_ratio_p(users, shares) if variants else 1.0, metrics, guards, told)


def guard_lines(
    experiment: Experiment, control: Variant, others: Sequence[Variant], totals: dict[int, Totals]
) -> list[GuardLine]:
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
    return [
        f"{line.guardrail.get_metric_display()} of {line.variant.name} is worse by {line.worse.low:.3g} or more; "
        f"the limit is {line.guardrail.limit:g}."
        for line in read_out(experiment).guards
        if line.broken and line.worse is not None
    ]


def _moments(totals: Totals) -> Moments:
    return Moments.stored(totals.users, totals.sums, totals.products)


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
    """users, days: at one look in the end; the others: looking at any time. None days: not within a year."""

    users: int
    days: int | None
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
    )
    traffic = traffic_bp / WHOLE * (control + treatment) / WHOLE
    days = [days_until(users, baseline.users_by_day, traffic) for users in (planned.at_end, planned.any_time)]
    return Forecast(planned.at_end, days[0], planned.any_time, days[1])
