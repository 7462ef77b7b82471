"""From recorded pools to weights: searched on some users, shrunk on others."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from retrieval.tuning.cross_entropy import Floats, Search, cross_entropy
from retrieval.tuning.listwise import most_likely
from retrieval.tuning.pools import Pools, variety

# Where between the present weights and those that the search found: the first is to change nothing.
_STEPS = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
_SEARCHED_SHARE = 0.7
_VARIETY_ON = 200
FEWEST_USERS = 30  # of a segment, below which it has no weights of its own


@dataclass(frozen=True, slots=True)
class Settings:
    """depths: whose recalls are averaged; the floors are shares of what the present mix reaches; `pull` is what a
    weighting at a right angle to the present one must gain to be worth it."""

    depths: tuple[int, ...] = (20, 100)
    coverage_floor: float = 0.25
    diversity_floor: float = 0.9
    pull: float = 0.01
    searches: int = 3  # on different two thirds of the users; their mean is steadier than each
    search: Search = field(default_factory=Search)
    seed: int = 0


def worth(pools: Pools, weights: Floats, depths: Sequence[int]) -> Floats:
    """float64 [p]: the mean over requests and depths of recall under each weighting, [p, d]."""
    means: Floats = pools.recalls(weights, depths).mean(axis=(1, 2))
    return means


def learn(pools: Pools, present: Floats, traits: csr_array, settings: Settings) -> Floats:
    """float64 [d], of length 1: the weighting between `present` and the best that was found which is best for users
    that the search did not see. traits: [items, t]."""
    random = np.random.default_rng(settings.seed)
    searched, others = split(pools, _SEARCHED_SHARE, random)
    allowed = Floors(others, present, traits, settings)
    start = present / np.linalg.norm(present) if present.any() else corners(len(present))[-1]
    found = np.zeros_like(start)
    for number in range(settings.searches):
        some, _ = split(searched, 2 / 3, random) if settings.searches > 1 else (searched, searched)
        found += _search(some, start, allowed, settings, seed=settings.seed + number)
    found /= np.linalg.norm(found)
    between = start + _STEPS[:, None] * (found - start)
    steps = worth(others, between, settings.depths)
    best = next(row for row in np.argsort(-steps, kind="stable") if row == 0 or allowed(between[row]))
    chosen: Floats = between[best] / np.linalg.norm(between[best])
    return chosen


def _search(pools: Pools, start: Floats, allowed: "Floors", settings: Settings, *, seed: int) -> Floats:
    def judge(weights: Floats) -> Floats:
        turned = 1 - weights @ start / np.linalg.norm(weights, axis=1)
        judged: Floats = worth(pools, weights, settings.depths) - settings.pull * turned
        return judged

    likely = most_likely(pools)
    tried = np.concatenate([corners(len(start)), likely[None]]) if likely.any() else corners(len(start))
    return cross_entropy(judge, allowed, start, corners=tried, search=settings.search, seed=seed)


def corners(d: int) -> Floats:
    """float64 [c, d]: each source alone by its ranks and by its scores, and all alike by ranks."""
    scores, ranks = np.arange(d) % 3 == 1, np.arange(d) % 3 == 2
    alone = np.eye(d)[scores | ranks]
    return np.concatenate([alone, ranks[None].astype(np.float64)])


def split(pools: Pools, share: float, random: np.random.Generator) -> tuple[Pools, Pools]:
    """The requests of that share of the users, and those of the rest: at least one user in each, where there are
    two."""
    rows, rest = split_rows(pools.users, share, random)
    return pools.take(rows), pools.take(rest)


def split_rows(
    users: NDArray[np.int64], share: float, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As `split`, as rows: int64 ascending."""
    each = np.unique(users)
    count = min(max(round(share * len(each)), 1), max(len(each) - 1, 1))
    chosen = np.isin(users, random.permutation(each)[:count])
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


class Floors:
    """Whether a weighting keeps enough of the present mix's catalogue coverage and intra-list diversity."""

    def __init__(self, pools: Pools, present: Floats, traits: csr_array, settings: Settings) -> None:
        self._pools = pools.take(np.arange(min(_VARIETY_ON, len(pools))))
        self._traits = traits
        coverage, diversity = variety(self._pools, present, traits)
        self._least = settings.coverage_floor * coverage, settings.diversity_floor * diversity

    def __call__(self, weights: Floats) -> bool:
        coverage, diversity = variety(self._pools, weights, self._traits)
        return coverage >= self._least[0] and diversity >= self._least[1]
