"""Guardrails: whether something is certainly worse by more than it may be, however often one looks."""

from dataclasses import dataclass

import numpy as np

from experiments.statistics.comparing import Comparison, Interval, mixture
from experiments.statistics.moments import Floats

# Several guardrails and arms are looked at: stopping one good experiment in a hundred is dear enough.
GUARD_ALPHA = 0.01
_LEAST_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float
    variance: float


def clustered(numerators: Floats, denominators: Floats) -> Estimate | None:
    """Σ numerators ÷ Σ denominators, with the variance between groups of users; float64 [groups] each. None where there
    are too few groups."""
    there = denominators > 0
    groups, total = int(there.sum()), float(denominators.sum())
    if groups < _LEAST_GROUPS:
        return None
    value = float(numerators.sum()) / total
    left = (numerators - value * denominators)[there]
    return Estimate(value, float((left**2).sum()) * groups / (groups - 1) / total**2)


def grouped(values: Floats) -> Estimate | None:
    """The mean of one number per group of users."""
    if len(values) < _LEAST_GROUPS:
        return None
    return Estimate(float(values.mean()), float(np.var(values, ddof=1)) / len(values))


def beside(control: Estimate, treatment: Estimate, users: int) -> Comparison:
    """users: of both arms together."""
    return Comparison(
        control=control.value,
        treatment=treatment.value,
        difference=treatment.value - control.value,
        variance=control.variance + treatment.variance,
        reduction=0.0,
        users=users,
    )


def never_worse(
    control: Estimate, treatment: Estimate, *, limit: float, relative: bool, more_is_worse: bool = True
) -> Interval:
    """The interval of how much worse the treatment is, in the unit of `limit`: where its lower end is above the limit,
    the guardrail is broken."""
    sign = 1.0 if more_is_worse else -1.0
    unit = abs(control.value) if relative else 1.0
    if unit == 0:
        return Interval(-np.inf, np.inf, 1.0)
    worse = sign * (treatment.value - control.value) / unit
    variance = (control.variance + treatment.variance) / unit**2
    if variance == 0:
        return Interval(worse, worse, 1.0)
    # What the test expects is of the limit's size: that was fixed before anything was seen.
    return mixture(worse, variance, limit**2, alpha=GUARD_ALPHA)
