"""Caps on one creator, category or tag, and a floor for exploring sources: greedy, in order of merged score."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Traits:
    """What caps look at, per candidate in merged order; creator 0 and category "" are nobody's."""

    creators: Sequence[int]
    categories: Sequence[str]
    tags: Sequence[tuple[str, ...]]
    explores: NDArray[np.bool_]


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
    n = len(traits.creators)
    reserved = np.flatnonzero(traits.explores)[: limits.explore]
    order = _with_reserved(n, k, reserved)
    if _nothing_capped(traits, order[:k], limits):
        return np.sort(order[:k]), np.empty(0, np.int64)
    chosen, passed = _greedy(traits, order, k, limits)
    return np.sort(np.array(chosen, np.int64)), np.sort(np.array(passed, np.int64))


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


def _nothing_capped(traits: Traits, rows: Rows, limits: Limits) -> bool:
    """The usual case, told without the loop."""
    chosen = rows.tolist()
    creators = Counter(c for c in (traits.creators[r] for r in chosen) if c)
    categories = Counter(c for c in (traits.categories[r] for r in chosen) if c)
    tags = Counter(tag for r in chosen for tag in traits.tags[r])
    return (
        max(creators.values(), default=0) <= limits.creator
        and max(categories.values(), default=0) <= limits.category
        and max(tags.values(), default=0) <= limits.tag
    )


def _greedy(traits: Traits, order: Rows, k: int, limits: Limits) -> tuple[list[int], list[int]]:
    creators, categories, tags = Counter[int](), Counter[str](), Counter[str]()
    chosen: list[int] = []
    passed: list[int] = []
    for row in order.tolist():
        if len(chosen) == k:
            break
        creator, category, its_tags = traits.creators[row], traits.categories[row], traits.tags[row]
        if (
            (creator and creators[creator] >= limits.creator)
            or (category and categories[category] >= limits.category)
            or any(tags[tag] >= limits.tag for tag in its_tags)
        ):
            passed.append(row)
            continue
        chosen.append(row)
        creators[creator] += 1
        categories[category] += 1
        tags.update(its_tags)
    return chosen, passed


def measure(traits: Traits) -> dict[str, float]:
    """Of a list: numbers of creators, categories and tags, and intra-list diversity: the mean over all pairs of
    1 − cosine of their tag sets (Ziegler et al. 2005), 0 … 1, larger is more diverse."""
    n = len(traits.creators)
    tags: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, its_tags in enumerate(traits.tags):
        for tag in its_tags:
            rows.append(row)
            columns.append(tags.setdefault(tag, len(tags)))
    sizes = np.array([max(len(t), 1) for t in traits.tags], np.float64)
    # Σ over pairs of cosine = (‖Σ unit vectors‖² − Σ‖unit vector‖²) / 2: no n × n matrix.
    mass = np.bincount(columns, weights=1 / np.sqrt(sizes[rows]), minlength=1) if rows else np.zeros(1)
    tagged = sum(1 for t in traits.tags if t)
    pairs = n * (n - 1) / 2
    similar = (float(mass @ mass) - tagged) / 2
    return {
        "intra_list_diversity": round(1 - similar / pairs, 4) if pairs else 0.0,
        "creators": float(len({c for c in traits.creators if c})),
        "categories": float(len({c for c in traits.categories if c})),
        "tags": float(len(tags)),
    }
