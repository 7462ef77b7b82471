"""One person's two answers side by side: what enters, what leaves, what moves and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from console.inspector.tiles import SourceLabel, Tile, source_label, tile
from console.mixing.asking import Pair
from retrieval.answer import Answer

SHOWN = 20
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """moved: places up (above 0) or down; None where the other list does not have it."""

    place: int
    tile: Tile
    source: SourceLabel
    moved: int | None

    @property
    def distance(self) -> int:
        return abs(self.moved or 0)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Of the first places of both lists; entering, leaving, kept, moved: of the whole lists."""

    user: str
    live: Sequence[Entry]
    draft: Sequence[Entry]
    entering: int
    leaving: int
    kept: int
    moved: float  # places, a mean over those kept
    enters: Sequence[Entry]  # the first of each
    leaves: Sequence[Entry]

    @property
    def same(self) -> bool:
        return not (self.entering or self.leaving or self.moved)


def side_by_side(pair: Pair) -> SideBySide:
    before, after = _places(pair.live), _places(pair.draft)
    kept = before.keys() & after.keys()
    distances = [abs(before[item] - after[item]) for item in kept]
    return SideBySide(
        user=pair.user,
        live=_entries(pair.live, after, direction=-1),
        draft=_entries(pair.draft, before, direction=1),
        entering=len(after) - len(kept),
        leaving=len(before) - len(kept),
        kept=len(kept),
        moved=float(np.mean(distances)) if distances else 0.0,
        enters=_strangers(pair.draft, before),
        leaves=_strangers(pair.live, after),
    )


def _places(answer: Answer) -> dict[int, int]:
    return {item: place for place, item in enumerate(answer.pool.item_ids.tolist(), 1)}


def _entries(answer: Answer, other: dict[int, int], *, direction: int) -> list[Entry]:
    """direction: 1 where the other list is the one before, −1 where it comes after."""
    shown = answer.pool.item_ids[:SHOWN].tolist()
    moved = [
        direction * (other[item] - place) if item in other else None for place, item in enumerate(shown, 1)
    ]
    return [_entry(answer, row, places) for row, places in enumerate(moved)]


def _strangers(answer: Answer, other: dict[int, int]) -> list[Entry]:
    """The first that the other list does not have."""
    rows = [row for row, item in enumerate(answer.pool.item_ids.tolist()) if item not in other]
    return [_entry(answer, row, None) for row in rows[:_NAMED]]


def _entry(answer: Answer, row: int, moved: int | None) -> Entry:
    (fact,) = answer.facts.rows_of(answer.pool.item_ids[row : row + 1]).tolist()
    return Entry(row + 1, tile(answer.facts, fact), _best_source(answer, row), moved)


def _best_source(answer: Answer, row: int) -> SourceLabel:
    ranks = answer.pool.ranks[row]
    named = np.flatnonzero(ranks)
    return source_label(answer.pool.sources[named[ranks[named].argmin()]] if len(named) else "new_items")
