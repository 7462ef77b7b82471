"""What other ways of choosing would have brought, from what was logged under this one. Pure.

Three estimators of the share of draws that are engaged with. *IPS* weighs each draw by how much likelier the other
policy makes it (Horvitz and Thompson 1952). *SNIPS* divides by the sum of the weights instead of their number
(Swaminathan and Joachims 2015): a little biased, steadier. *Doubly robust* (Dudík, Langford and Li 2011) predicts each
draw's outcome from its segment and arm, and weighs only what the prediction missed: right where either the propensities
or the predictions are. Predictions for one half of the users are made of the other half.

Each is a ratio of two sums over groups of users; its interval is Student's, from how the groups differ. So draws of the
same user need not be independent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
CERTAINTY = 0.95


@dataclass(frozen=True, slots=True)
class Log:
    """Sums over draws, each float64 [segments, arms, groups]: how many, how many engaged, of 1 / propensity over all
    and over those engaged, of 1 / propensity² over all."""

    draws: Floats
    engaged: Floats
    weight: Floats
    engaged_weight: Floats
    squared_weight: Floats

    @classmethod
    def of(
        cls, rows: Iterable[Sequence[Any]], segments: Sequence[str], arms: Sequence[str], groups: int
    ) -> Self:
        """rows: segment, arm, group and the five sums. What is of none of the segments and arms is left out."""
        sums = np.zeros((5, len(segments), len(arms), groups))
        places = {name: place for place, name in enumerate(segments)}
        columns = {name: column for column, name in enumerate(arms)}
        for segment, arm, group, *values in rows:
            if segment in places and arm in columns:
                sums[:, places[segment], columns[arm], group] = values
        return cls(*sums)

    def only(self, segment: int) -> "Log":
        """Of that segment alone."""
        some = slice(segment, segment + 1)
        return Log(
            self.draws[some],
            self.engaged[some],
            self.weight[some],
            self.engaged_weight[some],
            self.squared_weight[some],
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A share of draws, 0 to 1, and between what it lies with 95 % certainty."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Value:
    """What a policy would have brought; effective: how many equally weighted draws would say as much (Kish 1965)."""

    ips: Interval
    snips: Interval
    doubly_robust: Interval
    effective: float


def as_served(log: Log) -> Interval | None:
    """What was brought; None where nothing was drawn."""
    return _ratio(log.engaged.sum(axis=(0, 1)), log.draws.sum(axis=(0, 1)))


def value_of(log: Log, target: Floats, *, prior: tuple[float, float]) -> Value | None:
    """Of a policy that draws each arm with these probabilities, float64 [arms] or [segments, arms].

    prior: (rate, draws) of a prediction of which nothing is known. None where it never drew what was drawn, or all that
    is known is of a single group of users: then nothing can be said of it.
    """
    chance = np.broadcast_to(target, log.draws.shape[:2])[..., None]
    weighted, reached = (chance * log.engaged_weight).sum(axis=(0, 1)), (chance * log.weight).sum(axis=(0, 1))
    draws = log.draws.sum(axis=(0, 1))
    predicted = _predicted(log, prior)
    robust = (chance * predicted).sum(axis=1) * log.draws.sum(axis=1)
    missed = (chance * (log.engaged_weight - predicted * log.weight)).sum(axis=1)
    found = (_ratio(weighted, draws), _ratio(weighted, reached), _ratio((robust + missed).sum(axis=0), draws))
    ips, snips, doubly_robust = found
    if ips is None or snips is None or doubly_robust is None:
        return None
    squared = float((chance**2 * log.squared_weight).sum())
    return Value(ips, snips, doubly_robust, float(reached.sum()) ** 2 / squared)


def policies(arms: Sequence[str]) -> Mapping[str, Floats]:
    """By name, what is compared with what was served: each arm always, and all alike."""
    always = {f"always {arm}": np.eye(len(arms))[place] for place, arm in enumerate(arms)}
    return {"uniform": np.full(len(arms), 1 / len(arms)), **always}


def _predicted(log: Log, prior: tuple[float, float]) -> Floats:
    """float64 [segments, arms, groups]: the outcome of each arm in each segment, for a group of one half by what the
    groups of the other half did."""
    rate, draws = prior
    predicted = np.empty_like(log.draws)
    for half in (0, 1):
        engaged = log.engaged[..., 1 - half :: 2].sum(axis=2)
        drawn = log.draws[..., 1 - half :: 2].sum(axis=2)
        predicted[..., half::2] = ((engaged + rate * draws) / (drawn + draws))[..., None]
    return predicted


def _ratio(above: Floats, below: Floats) -> Interval | None:
    """Of two sums over groups, both [groups], by Taylor's linearisation; the interval within 0 and 1."""
    groups, total = int(np.count_nonzero(below)), float(below.sum())
    if groups < 2:
        return None
    value = float(above.sum()) / total
    left = (above - value * below)[below != 0]
    error = float(np.sqrt(groups / (groups - 1) * left @ left)) / total
    half = float(stdtrit(groups - 1, 0.5 + CERTAINTY / 2)) * error
    return Interval(value, max(0.0, value - half), min(1.0, value + half))
