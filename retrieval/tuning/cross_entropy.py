"""The cross-entropy method (Rubinstein 1999): draw weightings, keep the best, draw around those."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Search:
    """How hard to look: `draws` weightings in each of `rounds`, of which the best `elite` say where to look next."""

    rounds: int = 14
    draws: int = 48
    elite: int = 8
    spread: float = 0.5  # standard deviation of the first draws, of a weighting of length 1
    smoothing: float = 0.7  # the share of a new centre; the rest is the old one
    least_spread: float = 0.01


def cross_entropy(
    judge: Callable[[Floats], Floats],
    allowed: Callable[[Floats], bool],
    start: Floats,
    *,
    corners: Floats,
    search: Search,
    seed: int,
) -> Floats:
    """float64 [d], of length 1: the centre of the last round's best. Only directions count: a ranking is the same for
    weightings that are multiples of each other.

    judge: weightings [p, d] -> their worth [p]; allowed: whether one may win; corners: [c, d], tried besides the first
    draws, as a start far from the best one would not be left.
    """
    random = np.random.default_rng(seed)
    centre, spread = _unit(start), np.full(len(start), search.spread / np.sqrt(len(start)) * 2)
    more = np.concatenate([centre[None], *([_unit(corner)[None] for corner in corners])])
    for _ in range(search.rounds):
        drawn = np.concatenate([more, random.normal(centre, spread, (search.draws, len(centre)))])
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        worth = judge(drawn)
        best = _best(drawn, worth, allowed, search.elite)
        if not len(best):
            return centre
        centre = _unit((1 - search.smoothing) * centre + search.smoothing * best.mean(axis=0))
        spread = (1 - search.smoothing) * spread + search.smoothing * best.std(axis=0) + search.least_spread
        more = np.stack([centre, best[0]])
    return centre


def _best(drawn: Floats, worth: Floats, allowed: Callable[[Floats], bool], count: int) -> Floats:
    best: list[Floats] = []
    for row in np.argsort(-worth, kind="stable").tolist():
        if len(best) == count:
            break
        if allowed(drawn[row]):
            best.append(drawn[row])
    return np.array(best)


def _unit(vector: Floats) -> Floats:
    scaled: Floats = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return scaled
