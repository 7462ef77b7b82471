"""What the same people like: the items related to those that the user liked, by a sparse linear item model."""

import numpy as np
from numpy.typing import NDArray

from retrieval.likes import recent_likes
from retrieval.related import related_to
from retrieval.sets import among, largest, numbered
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

SEEDS = 200
RELATED = 200
# Per later moment at which the user liked something. Tastes drift: without it MovieLens 100K loses a sixteenth of
# its Recall@20.
STEP_DECAY = 0.96


@register
class CoEngagement:
    name = "co_engagement"
    label = "Liked together"
    explores = False
    course = Course.NEXT
    reason = "often liked by those who liked {seed}"

    def applies_to(self, context: Context) -> bool:
        return context.model is not None and len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: over what the user liked, newest first, the sum of recency × weight of the event × how
        much that item tells of this one (`retrieval.offline.ridge`). What was liked is not proposed again; what only
        stands for a chosen interest may be.

        One query. Options: `seeds`, `related` (how many of each are read), `step_decay`.
        """
        if context.model is None or k <= 0:
            return Found.empty()
        options = context.options
        seeds, shares = recent_likes(
            context,
            most=int(options.get("seeds", SEEDS)),
            step_decay=float(options.get("step_decay", STEP_DECAY)),
        )
        places, related, weights = related_to(
            context.model.related_table,
            seeds,
            most=int(options.get("related", RELATED)),
            deadline=context.deadline,
        )
        return _rank(seeds, places, related, weights * shares[places], k, had=context.engaged())


def _rank(
    seeds: Ids, places: NDArray[np.int64], related: Ids, parts: NDArray[np.float32], k: int, *, had: Ids
) -> Found:
    """The items with the largest sums of their parts; the seed is the one with the largest part."""
    item_ids, columns = numbered(related)
    totals = np.bincount(columns, weights=parts, minlength=len(item_ids))
    totals[among(item_ids, seeds[among(seeds, had)])] = 0.0
    best = largest(totals, k)
    best = best[totals[best] > 0]
    strongest = seeds[_strongest_places(places, columns, parts, len(item_ids))[best]]
    return Found(item_ids[best], totals[best].astype(np.float32), strongest)


def _strongest_places(
    places: NDArray[np.int64], columns: NDArray[np.int64], parts: NDArray[np.float32], n: int
) -> NDArray[np.int64]:
    """int64 [n]: for each column the place of its largest part, the last of equal ones."""
    # A float's bits, turned so that they ascend with it, above the place: one pass finds the largest of each column.
    bits = parts.astype(np.float32).view(np.int32).astype(np.int64)
    keys = (np.where(bits < 0, bits ^ 0x7FFFFFFF, bits) << 32) + places
    largest = np.full(n, np.iinfo(np.int64).min)
    np.maximum.at(largest, columns, keys)
    return largest & 0xFFFFFFFF
