"""A random share of the catalogue, so that every item has a chance to be seen; another one each day."""

import math
import time
from dataclasses import dataclass

import numpy as np

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.sets import ascending
from retrieval.source import register
from retrieval.sql import sees_uncommitted
from retrieval.types import Context, Found, Ids

# Of a catalogue whose ids span fewer, all active items are kept in the process; of a larger one, random places.
_SMALL = 50_000
_FRESH_S = 10.0
# Places drawn for each candidate: some hold no item, one that is inactive or one that has been drawn already.
_DRAWS, _DRAWS_OF_DENSE = 2, 1.2

_CATALOGUE = """
SELECT least, greatest, CASE WHEN greatest - least < %s
    THEN ARRAY(SELECT id FROM catalog_item WHERE active ORDER BY id)
END
FROM (SELECT min(id) AS least, max(id) AS greatest FROM catalog_item) AS bounds
"""
_AT = "SELECT coalesce(array_agg(id), '{}') FROM catalog_item WHERE id = ANY(%s) AND active"
# The item at or after each place, at eight times the price: for ids with gaps. An item behind one is likelier by as
# much as the gap is wide.
_NEXT = """
SELECT coalesce(array_agg(item.id), '{}') FROM unnest(%s) AS place (id)
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
        catalogue one query, or two where its ids have many gaps; what is known of the catalogue is at most ten seconds
        old."""
        catalogue = _catalogue(context.deadline) if k > 0 else None
        if catalogue is None:
            return Found.empty()
        random = np.random.default_rng([context.seed, context.now_s // 86_400])
        if catalogue.active is not None:
            return _shuffled(catalogue.active, random, k)
        places = random.integers(catalogue.least, catalogue.greatest, size=_DRAWS * k, endpoint=True)
        [(found,)] = ask(_AT, [places[: math.ceil(_DRAWS_OF_DENSE * k)]], context.deadline)
        if len(found) < k:
            [(more,)] = ask(_NEXT, [places], context.deadline)
            found = np.concatenate([found, more])
        return _shuffled(ascending(found), random, k)


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
    [(least, greatest, active)] = ask(_CATALOGUE, [_SMALL], deadline)
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
