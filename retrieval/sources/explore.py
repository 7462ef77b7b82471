"""A random share of the catalogue, so that every item has a chance to be seen; another one each day."""

import numpy as np

from retrieval.source import register
from retrieval.sql import hot_connection
from retrieval.types import Context, Found, Ids

# Of a catalogue with fewer ids than this many times k, all are looked up; of a larger one, random places.
_SMALL = 8
# Places drawn for each candidate: some hold an item that is inactive or has been drawn already.
_DRAWS = 2

_BOUNDS = "SELECT min(id), max(id) FROM catalog_item"
_LISTED = "SELECT id FROM catalog_item WHERE id = ANY(%s) AND active"
# The item at or after each place. An item behind a gap in the ids is likelier by as much as the gap is wide.
_NEXT = """
SELECT item.id FROM unnest(%s) AS place (id)
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
    reason = "something different"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Active items at random, the same for the same user on the same day; scores fall from 1. Two queries."""
        if k <= 0:
            return Found.empty()
        random = np.random.default_rng([context.seed, context.now_s // 86_400])
        with hot_connection(context.deadline) as connection:
            [(least, greatest)] = connection.execute(_BOUNDS).fetchall()
            if least is None:
                return Found.empty()
            small = greatest - least < _SMALL * k
            places = (
                np.arange(least, greatest + 1, dtype=np.int64)
                if small
                else random.integers(least, greatest, size=_DRAWS * k, endpoint=True)
            )
            rows = connection.execute(_LISTED if small else _NEXT, [places]).fetchall()
        return _shuffled(np.unique(np.array(rows, np.int64)), random, k)


def _shuffled(item_ids: Ids, random: np.random.Generator, k: int) -> Found:
    chosen = random.permutation(item_ids)[:k]
    scores = np.linspace(1, 0, num=len(chosen), endpoint=False, dtype=np.float32)
    return Found(chosen, scores, np.zeros(len(chosen), np.int64))
