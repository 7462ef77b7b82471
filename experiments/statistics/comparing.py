"""An arm beside the control: difference, interval and p, with what was there before taken out (CUPED)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from experiments.statistics.metrics import COLUMNS, Metric
from experiments.statistics.moments import Floats, Moments

ALPHA = 0.05
# Below so many users in an arm a mean isn't normal yet, and nothing is claimed.
LEAST_USERS = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """difference: adjusted, treatment − control; variance: of the difference, 0 where nothing is known; reduction: the
    share of the variance that the pre-period took away; the values are as counted, unadjusted."""

    control: float
    treatment: float
    difference: float
    variance: float
    reduction: float
    users: int

    @property
    def information(self) -> float:
        """1 ÷ variance of the relative difference; 0 where nothing is known. Relative, because users go on doing
        things: the difference of their sums grows, while that of their rates is only known better, in steps that are
        independent."""
        middle = (self.control + self.treatment) / 2
        return middle**2 / self.variance if self.variance > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float
    p: float

    @property
    def decided(self) -> bool:
        return self.p < ALPHA


def compare(control: Moments, treatment: Moments, metric: Metric) -> Comparison | None:
    """None where an arm has too few users, or the metric has no denominator.

    A ratio of two sums is linearised around the one of both arms (the delta method; Deng, Knoblich and Lu 2018). CUPED
    (Deng, Xu, Kohavi and Walker 2013): the same metric of the days before is the covariate, its slope is pooled.
    """
    if min(control.users, treatment.users) < LEAST_USERS:
        return None
    both = control + treatment
    now, adjusted = _directions(metric, both)
    if now is None or adjusted is None:
        return None
    plain, variance = (_variance(control, treatment, direction) for direction in (now, adjusted))
    return Comparison(
        control=value(control, metric),
        treatment=value(treatment, metric),
        difference=float(adjusted @ (treatment.means - control.means)),
        variance=variance,
        reduction=1 - variance / plain if plain > 0 else 0.0,
        users=both.users,
    )


def fixed(comparison: Comparison, alpha: float = ALPHA) -> Interval:
    """For one look, at a time that was chosen beforehand: Welch's z."""
    error = math.sqrt(comparison.variance)
    if error == 0:
        return Interval(-math.inf, math.inf, 1.0)
    half = float(special.ndtri(1 - alpha / 2)) * error
    p = 2 * float(special.ndtr(-abs(comparison.difference) / error))
    return Interval(comparison.difference - half, comparison.difference + half, p)


def sequential(comparison: Comparison, *, planned_users: int, alpha: float = ALPHA) -> Interval:
    """For as many looks as one likes: the mixture sequential probability ratio test with a normal mixture (Robbins
    1970; Johari, Pekelis and Walsh 2017), as an asymptotic confidence sequence (Howard et al. 2021; Waudby-Smith et al.
    2021). It is tightest around `planned_users`, and holds at every number."""
    variance = comparison.variance
    # The mixture may depend on nothing that is seen; in units of one user's variance it depends on the plan alone.
    scale = tuned(alpha) * variance * comparison.users / planned_users
    return mixture(comparison.difference, variance, scale, alpha=alpha)


def mixture(difference: float, variance: float, scale: float, *, alpha: float = ALPHA) -> Interval:
    """The interval of an estimate with this variance; scale: the variance of the effects that the test expects."""
    if variance <= 0 or scale <= 0:
        return Interval(-math.inf, math.inf, 1.0)
    both = variance + scale
    half = math.sqrt(variance * both / scale * (math.log(both / variance) - 2 * math.log(alpha)))
    log_ratio = 0.5 * math.log(variance / both) + scale * difference**2 / (2 * variance * both)
    return Interval(difference - half, difference + half, math.exp(-max(log_ratio, 0.0)))


def tuned(alpha: float = ALPHA) -> float:
    """Mixture variance ÷ variance of the estimate, where the interval is tightest (Howard et al. 2021, section 3.5)."""
    return -2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))


def spread(people: Moments, metric: Metric) -> float:
    """The variance of one user's part of the metric, with what was there before taken out; 0 where nothing is known."""
    _, adjusted = _directions(metric, people)
    return 0.0 if adjusted is None else float(adjusted @ people.covariance @ adjusted)


def value(arm: Moments, metric: Metric) -> float:
    """The metric as counted; 0 where it has no denominator."""
    numerator = arm.sums[COLUMNS.index(metric.numerator)]
    denominator = arm.sums[COLUMNS.index(metric.denominator)] if metric.denominator else arm.users
    return float(numerator / denominator) if denominator else 0.0


def _directions(metric: Metric, both: Moments) -> tuple[Floats | None, Floats | None]:
    """As `_direction`: of the metric, and of the metric less what the days before say of it."""
    now, before = _direction(metric, both, ""), _direction(metric, both, "_before")
    if now is None or before is None:
        return now, now
    variance = float(before @ both.covariance @ before)
    theta = float(now @ both.covariance @ before) / variance if variance > 0 else 0.0
    return now, now - theta * before


def _direction(metric: Metric, both: Moments, suffix: str) -> Floats | None:
    """float64 [c]: a user's row times this is the user's part of the metric. None where the denominator is 0."""
    direction = np.zeros(len(COLUMNS))
    numerator = COLUMNS.index(metric.numerator + suffix)
    if not metric.denominator:
        direction[numerator] = 1.0
        return direction
    denominator = COLUMNS.index(metric.denominator + suffix)
    mean = both.means[denominator]
    if mean <= 0:
        return None
    direction[numerator] = 1 / mean
    direction[denominator] = -both.means[numerator] / mean**2
    return direction


def _variance(control: Moments, treatment: Moments, direction: Floats) -> float:
    parts = [float(direction @ arm.covariance @ direction) / arm.users for arm in (control, treatment)]
    # What cancels to nothing may come out a rounding below it.
    return max(sum(parts), 0.0) if sum(parts) > 1e-18 else 0.0
