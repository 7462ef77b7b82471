"""Group-sequential boundaries: how far from 0 a standardised difference must be, at each of some planned looks, so that
one experiment in twenty without any effect crosses any of them, and not fewer."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from scipy import special

from experiments.statistics.moments import Floats

# Half of the error is left after 71 % of the time: a clear effect is seen early, and the end costs 8 % more users.
SPENDING_POWER = 2.0
# A look that adds less than this share of what is known is no look: nothing is spent on it.
LEAST_GROWTH = 0.01
_NODES = 160
_FURTHEST = 12.0  # standard errors: nothing is beyond


def spent(fraction: float, alpha: float) -> float:
    """The chance of a false claim until this fraction of the planned time, alpha from the end on (Lan and DeMets 1983;
    the family of powers is Kim and DeMets's, 1987). It depends on the calendar alone, never on what was seen."""
    return float(alpha * min(max(fraction, 0.0), 1.0) ** SPENDING_POWER)


@dataclass(frozen=True, slots=True)
class Path:
    """Where a difference may be by now if it has crossed no boundary, by recursive integration (Armitage, McPherson and
    Rowe 1969) over its score, difference × information, whose steps are independent.

    information: 1 ÷ variance of the difference, in any unit; score, mass: float64 [n], nodes of the integral and the
    probability at each; drift: the true difference, in standard errors at an information of 1.
    """

    information: float
    score: Floats
    mass: Floats
    drift: float = 0.0

    @classmethod
    def start(cls, drift: float = 0.0) -> Self:
        return cls(0.0, np.zeros(1), np.ones(1), drift)

    def crossing(self, information: float, bound: float) -> float:
        """The probability to be beyond ±`bound` standard errors now, and never beyond a boundary before."""
        step, ahead = self._step(information)
        edge = bound * math.sqrt(information)
        beyond = special.ndtr((ahead - edge) / step) + special.ndtr((-edge - ahead) / step)
        return float(self.mass @ beyond)

    def bound(self, information: float, chance: float) -> float:
        """The boundary that is crossed now with this probability."""
        if self.crossing(information, _FURTHEST) >= chance:
            return math.inf
        if self.crossing(information, 0.0) <= chance:
            return 0.0
        return _root(lambda at: self.crossing(information, at) - chance, xtol=1e-7)

    def after(self, information: float, bound: float) -> "Path":
        """What is left once those beyond the boundary have stopped."""
        step, ahead = self._step(information)
        edge = min(bound, _FURTHEST) * math.sqrt(information)
        nodes, weights = _legendre()
        score = edge * nodes
        reached = (score[:, None] - ahead[None, :]) / step
        density = np.exp(-0.5 * reached**2) / (step * math.sqrt(2 * math.pi))
        return Path(information, score, edge * weights * (density @ self.mass), self.drift)

    def _step(self, information: float) -> tuple[float, Floats]:
        more = information - self.information
        if more <= 0:
            raise ValueError(f"information must grow from look to look: {self.information} → {information}.")
        return math.sqrt(more), self.score + self.drift * more


@dataclass(frozen=True, slots=True)
class Boundary:
    """The looks that were taken so far. spent: of alpha; bound: of the last look, in standard errors."""

    path: Path
    alpha: float
    spent: float = 0.0
    bound: float = math.inf

    @classmethod
    def start(cls, alpha: float) -> Self:
        return cls(Path.start(), alpha)

    def looked(self, information: float, fraction: float) -> "Boundary | None":
        """One look later; fraction: of the planned time. None where too little was learned since the last one: there
        is nothing to see, and what would have been spent is left for the next."""
        if information < self.path.information * (1 + LEAST_GROWTH) or information <= 0:
            return None
        due = spent(fraction, self.alpha)
        if due <= self.spent:
            return None
        bound = self.path.bound(information, due - self.spent)
        return Boundary(self.path.after(information, bound), self.alpha, due, bound)


@lru_cache(maxsize=64)
def drift_for(power: float, alpha: float, looks: int) -> float:
    """The true difference in standard errors of the last look, that evenly spaced looks find with this power."""
    times = [(number + 1) / looks for number in range(looks)]
    bounds, boundary = [], Boundary.start(alpha)
    for time in times:
        boundary = boundary.looked(time, time) or boundary
        bounds.append(boundary.bound)

    def missing(drift: float) -> float:
        path, found = Path.start(drift), 0.0
        for time, bound in zip(times, bounds, strict=True):
            found += path.crossing(time, bound)
            path = path.after(time, bound)
        return found - power

    return _root(missing, xtol=1e-3)


def _root(of: Callable[[float], float], *, xtol: float) -> float:
    """Where it is 0, between 0 and _FURTHEST."""
    from scipy.optimize import brentq  # noqa: PLC0415  takes longer to load than most of the product

    return float(brentq(of, 0.0, _FURTHEST, xtol=xtol))


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights
