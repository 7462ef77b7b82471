"""Ways of choosing which new item to show next; each sees only what it showed and what was clicked."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coldstart.bandit.thompson import DRAWS, rank_draws

Floats = NDArray[np.float64]
Arms = NDArray[np.int64]

EPSILON = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known before a batch: impressions and clicks of each arm, [n], and the prior of their rates."""

    shown: Floats
    clicked: Floats
    prior: tuple[float, float]

    @property
    def means(self) -> Floats:
        alpha, beta = self.prior
        means: Floats = (alpha + self.clicked) / (alpha + beta + self.shown)
        return means


# (what is known, how many to choose, randomness) -> int64 [count]: the arm of each impression.
Policy = Callable[[Seen, int, np.random.Generator], Arms]


def thompson(seen: Seen, count: int, random: np.random.Generator) -> Arms:
    """The product's own: a bank of draws, made once per batch, of which each answer takes one at random."""
    alpha, beta = seen.prior
    bank = rank_draws(
        alpha + seen.clicked, beta + seen.shown - seen.clicked, random=random, draws=DRAWS, depth=1
    )
    arms: Arms = bank[random.integers(len(bank), size=count), 0].astype(np.int64)
    return arms


def epsilon_greedy(seen: Seen, count: int, random: np.random.Generator) -> Arms:
    """The best so far, but any arm at random one time in ten (Sutton and Barto 2018)."""
    best = random.choice(np.flatnonzero(seen.means == seen.means.max()))
    anything = random.integers(len(seen.shown), size=count)
    arms: Arms = np.where(random.random(count) < EPSILON, anything, best)
    return arms


def ucb1(seen: Seen, count: int, random: np.random.Generator) -> Arms:
    """The largest upper bound (Auer, Cesa-Bianchi and Fischer 2002); what was chosen earlier in the batch counts as
    shown, or all of a batch would go to one arm."""
    shown, means = seen.shown.copy(), seen.clicked / np.maximum(seen.shown, 1)
    width = 2 * math.log(max(shown.sum(), 1.0) + count)
    bounds = np.where(shown > 0, means + np.sqrt(width / np.maximum(shown, 1)), np.inf)
    chosen = np.empty(count, np.int64)
    for i in range(count):
        arm = chosen[i] = bounds.argmax()
        shown[arm] += 1
        bounds[arm] = means[arm] + math.sqrt(width / shown[arm])
    return chosen


def uniform(seen: Seen, count: int, random: np.random.Generator) -> Arms:
    """Every arm as often as any other."""
    return random.integers(len(seen.shown), size=count)


POLICIES: Mapping[str, Policy] = {
    "thompson": thompson,
    "epsilon-greedy": epsilon_greedy,
    "ucb1": ucb1,
    "uniform": uniform,
}
