"""A random share of the catalogue, so that every item has a chance to be seen; another one each day."""

import math

import numpy as np

from retrieval.asking import ask
from retrieval.drawing import AT, catalogue
from retrieval.sets import ascending
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

# Places drawn for each candidate: some hold no item, one that is inactive or one that has been drawn already.
_DRAWS, _DRAWS_OF_DENSE = 2, 1.2

# The item at or after each place, at eight times the price: for ids with gaps. An item behind one is likelier by as
# much as the gap is wide.
_NEXT = """
SELECT coalesce(array_agg(item.id), '{}') FROM unnest(%s) AS place (id)
CROSS JOIN LATERAL (
    SELECT id, active FROM catalog_item WHERE catalog_item.id >= place.id ORDER BY catalog_item.id LIMIT 1
) AS item
WHERE item.active
"""


@register
class Explore:
    name = "explore"
    label = "Exploration"
    explores = True
    draws_at_random = True
    course = Course.NEXT
    reason = "something different"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Active items at random, the same for the same user on the same day; scores fall from 1. In a large
        catalogue one query, or two where its ids have many gaps; what is known of the catalogue is at most ten seconds
        old."""
        known = catalogue(context.deadline) if k > 0 else None
        if known is None:
            return Found.empty()
        random = np.random.default_rng([context.seed, context.now_s // 86_400])
        if known.active is not None:
            return _shuffled(known.active, random, k)
        places = random.integers(known.least, known.greatest, size=_DRAWS * k, endpoint=True)
        [(found,)] = ask(AT, [places[: math.ceil(_DRAWS_OF_DENSE * k)]], context.deadline)
        if len(found) < k:
            [(more,)] = ask(_NEXT, [places], context.deadline)
            found = np.concatenate([found, more])
        return _shuffled(ascending(found), random, k)


def _shuffled(item_ids: Ids, random: np.random.Generator, k: int) -> Found:
    chosen = random.permutation(item_ids)[:k]
    scores = np.linspace(1, 0, num=len(chosen), endpoint=False, dtype=np.float32)
    return Found(chosen, scores, np.zeros(len(chosen), np.int64))
