"""A look at a difference among several that were planned: its interval and p hold for all of them together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.statistics.boundaries import Boundary
from experiments.statistics.comparing import ALPHA, Comparison, Interval

# p is told between these; it is found by halving, to three digits.
_LEAST_P, _MOST_P, _HALVINGS = 1e-5, 0.999, 14


@dataclass(frozen=True, slots=True)
class Taken:
    """One look. information: see `Comparison`; fraction: of the planned time, 0 to 1."""

    information: float
    fraction: float


def repeated(comparison: Comparison, earlier: Sequence[Taken], fraction: float) -> Interval | None:
    """The repeated confidence interval (Jennison and Turnbull 1989) of the look that is taken now: with those of all
    other planned looks it covers the truth 19 times in 20. p: the smallest error rate at which this look would still
    have crossed the boundary (Liu and Anderson 2008). None where so little was learned since the look before that this
    is none."""
    now = Taken(comparison.information, fraction)
    bound = _bound([*earlier, now], ALPHA)
    if bound is None:
        return None
    error = math.sqrt(comparison.variance)
    reached = abs(comparison.difference) / error
    p = _smallest(reached, [*earlier, now], crossed=reached > bound)
    return Interval(comparison.difference - bound * error, comparison.difference + bound * error, p)


def _smallest(reached: float, looks: Sequence[Taken], *, crossed: bool) -> float:
    # On the side of ALPHA that the interval is on, so that both say the same.
    low, high = (_LEAST_P, ALPHA) if crossed else (ALPHA, _MOST_P)
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        bound = _bound(looks, middle)
        low, high = (low, middle) if bound is not None and reached > bound else (middle, high)
    return low if crossed else high


def _bound(looks: Sequence[Taken], alpha: float) -> float | None:
    """The boundary of the last of them; None where it is no look."""
    boundary, reached = Boundary.start(alpha), None
    for look in looks:
        reached = boundary.looked(look.information, look.fraction)
        boundary = reached or boundary
    return reached.bound if reached else None
