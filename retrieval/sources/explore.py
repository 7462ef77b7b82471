"""A random share of the catalogue, so that every item has a chance to be seen; another one each day."""

import time
from dataclasses import dataclass

import numpy as np

from retrieval.deadline import Deadline
from retrieval.sets import ascending
from retrieval.source import register
from retrieval.sql import hot_connection, sees_uncommitted
from retrieval.types import Context, Found, Ids

# Of a catalogue whose ids span fewer, all active items are kept in the process; of a larger one, random places.
_SMALL = 50_000
_FRESH_S = 10.0
# Places drawn for each candidate: some hold an item that is inactive or has been drawn already.
_DRAWS = 2

_CATALOGUE = """
SELECT least, greatest, CASE WHEN greatest - least < %s
    THEN ARRAY(SELECT id FROM catalog_item WHERE active ORDER BY id)
END
FROM (SELECT min(id) AS least, max(id) AS greatest FROM catalog_item) AS bounds
"""
# The item at or after each place. An item behind a gap in the ids is likelier by as much as the gap is wide.
_NEXT = """
SELECT item.id FROM unnest(%s) AS place (id)
CROSS JOIN LATERAL (
    SELECT id, active FROM catalog_item WHERE catalog_item.id >= place.id ORDER BY catalog_item.id LIMIT 1
) AS item
WHERE item.active
"""


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The ids of its first and last item; the active ones, int64 [n] ascending, where they are few."""

    least: int
    greatest: int
    active: Ids | None


_kept: tuple[float, _Catalogue] | None = None  # when it was read, by time.monotonic()


@register
class Explore:
    name = "explore"
    label = "Exploration"
    explores = True
    reason = "something different"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Active items at random, the same for the same user on the same day; scores fall from 1. In a large
        catalogue one query; what is known of the catalogue is at most ten seconds old."""
        catalogue = _catalogue(context.deadline) if k > 0 else None
        if catalogue is None:
            return Found.empty()
        random = np.random.default_rng([context.seed, context.now_s // 86_400])
        if catalogue.active is not None:
            return _shuffled(catalogue.active, random, k)
        places = random.integers(catalogue.least, catalogue.greatest, size=_DRAWS * k, endpoint=True)
        with hot_connection(context.deadline) as connection:
            rows = connection.execute(_NEXT, [places]).fetchall()
        return _shuffled(ascending(np.array(rows, np.int64).ravel()), random, k)


def forget_catalogue() -> None:
    """As a process that has never read it."""
    global _kept  # noqa: PLW0603
    _kept = None


def _catalogue(deadline: Deadline) -> _Catalogue | None:
    """None where there is no item."""
    global _kept  # noqa: PLW0603  a per-process copy with an age
    # What an open transaction wrote may be rolled back.
    keeps = not sees_uncommitted()
    if keeps and _kept and time.monotonic() - _kept[0] < _FRESH_S:
        return _kept[1]
    with hot_connection(deadline) as connection:
        [(least, greatest, active)] = connection.execute(_CATALOGUE, [_SMALL]).fetchall()
    if least is None:
        return None
    catalogue = _Catalogue(least, greatest, active)
    if keeps:
        _kept = (time.monotonic(), catalogue)
    return catalogue


def _shuffled(item_ids: Ids, random: np.random.Generator, k: int) -> Found:
    chosen = random.permutation(item_ids)[:k]
    scores = np.linspace(1, 0, num=len(chosen), endpoint=False, dtype=np.float32)
    return Found(chosen, scores, np.zeros(len(chosen), np.int64))
