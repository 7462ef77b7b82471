"""Caps on one creator, category or tag, and a floor for exploring sources: greedy, in order of merged score."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.facts import CodedSets
from retrieval.sets import ascending, counted

Rows = NDArray[np.int64]
Codes = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Traits:
    """What caps look at, per candidate in merged order; creator 0 and category 0 are nobody's."""

    creators: Codes  # [n]
    categories: Codes  # [n]
    tags: CodedSets  # n sets
    explores: NDArray[np.bool_]  # [n]

    def __len__(self) -> int:
        return len(self.creators)

    def take(self, rows: Rows) -> "Traits":
        return Traits(self.creators[rows], self.categories[rows], self.tags.take(rows), self.explores[rows])


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of one creator, category or tag an answer may hold, and how many explorers it shall."""

    creator: int
    category: int
    tag: int
    explore: int

    @classmethod
    def of(
        cls, k: int, creator_share: float, category_share: float, tag_share: float, explore_share: float
    ) -> "Limits":
        """Shares of an answer of k. A cap rounds up, so that it never forbids everything."""
        return cls(
            creator=math.ceil(k * creator_share),
            category=math.ceil(k * category_share),
            tag=math.ceil(k * tag_share),
            explore=math.floor(k * explore_share),
        )


def select(traits: Traits, k: int, limits: Limits) -> tuple[Rows, Rows]:
    """(chosen rows, at most k and in order; rows passed over because of a cap, in order)."""
    reserved = np.flatnonzero(traits.explores)[: limits.explore]
    order = _with_reserved(len(traits), k, reserved)
    # The usual case, told without the loop.
    if not _scarce(traits.take(order[:k]), limits):
        return np.sort(order[:k]), np.empty(0, np.int64)
    chosen, passed = _greedy(traits, order, k, limits)
    return np.sort(chosen), np.sort(passed)


def _with_reserved(n: int, k: int, reserved: Rows) -> Rows:
    """All rows in order, but with the reserved explorers inside the first k."""
    order = np.arange(n)
    outside = reserved[reserved >= k]
    if not len(outside):
        return order
    replaceable = np.setdiff1d(order[:k], reserved)
    pushed_out = replaceable[len(replaceable) - len(outside) :]
    first = np.sort(np.concatenate([np.setdiff1d(order[:k], pushed_out), outside]))
    return np.concatenate([first, np.setdiff1d(order, first)])


def _scarce(traits: Traits, limits: Limits) -> list[tuple[Rows, int]]:
    """Each creator, category and tag of which there are more than its limit: the rows that have it, the limit."""
    n = len(traits)
    every = np.arange(n)
    kinds = [
        (every, traits.creators, limits.creator),
        (every, traits.categories, limits.category),
        (traits.tags.owners(), traits.tags.codes + 1, limits.tag),
    ]
    scarce: list[tuple[Rows, int]] = []
    for owners, codes, limit in kinds:
        if limit < n:
            values, counts = counted(codes)
            many = values[(counts > limit) & (values > 0)]
            scarce += [(owners[codes == value], limit) for value in many]
    return scarce


def _greedy(traits: Traits, order: Rows, k: int, limits: Limits) -> tuple[Rows, Rows]:
    """Only what is scarce is counted: of the rest there can't be too many. Each turn takes, at once, all that may be
    taken until something scarce is used up; so there are as many turns as scarce attributes, not as rows."""
    scarce = _scarce(traits, limits)
    room = np.array([limit for _, limit in scarce], np.int64)
    has = np.zeros((len(scarce), len(traits)), np.bool_)
    for attribute, (rows, _) in enumerate(scarce):
        has[attribute, rows] = True
    has = has[:, order]
    taken = np.zeros(len(order), np.bool_)
    start = count = 0
    while count < k:
        barred = np.asarray(has[room <= 0].any(axis=0))
        free = start + np.flatnonzero(~barred[start:])
        if not len(free):
            start = len(order)
            break
        used = np.cumsum(has[:, free], axis=1)
        left = room[:, None]
        full = (used >= left) & (left > 0)
        firsts = np.where(full.any(axis=1), full.argmax(axis=1), len(free) - 1)
        last = min(int(firsts.min(initial=len(free) - 1)), k - count - 1)
        taken[free[: last + 1]] = True
        room = room - used[:, last]
        count += last + 1
        start = int(free[last]) + 1
    return order[taken], order[:start][~taken[:start]]


def measure(traits: Traits) -> dict[str, float]:
    """Of a list: numbers of creators, categories and tags, and intra-list diversity: the mean over all pairs of
    1 − cosine of their tag sets (Ziegler et al. 2005), 0 … 1, larger is more diverse."""
    n = len(traits)
    sizes = traits.tags.sizes()
    tags = ascending(traits.tags.codes)
    columns = np.searchsorted(tags, traits.tags.codes)
    # Σ over pairs of cosine = (‖Σ unit vectors‖² − Σ‖unit vector‖²) / 2: no n × n matrix.
    mass = np.bincount(columns, weights=1 / np.sqrt(np.repeat(sizes, sizes)), minlength=1)
    pairs = n * (n - 1) / 2
    similar = (float(mass @ mass) - int(np.count_nonzero(sizes))) / 2
    return {
        "intra_list_diversity": round(1 - similar / pairs, 4) if pairs else 0.0,
        "creators": float(_kinds(traits.creators)),
        "categories": float(_kinds(traits.categories)),
        "tags": float(len(tags)),
    }


def _kinds(codes: Codes) -> int:
    """How many different ones there are besides 0."""
    return int(np.count_nonzero(ascending(codes)))
