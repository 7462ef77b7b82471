"""One search for each interest of the user: who likes chess and cooking is not asked for what lies between."""

import math

import numpy as np

from retrieval.ann import EF_SEARCH, index_of
from retrieval.clusters import clustered
from retrieval.likes import recent_likes
from retrieval.sets import among, ascending
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

LIKES = 200
CLUSTERS = 5
STEP_DECAY = 0.98
# Some of those found are near another interest too.
_SPARE = 1.5


@register
class InterestClusters:
    name = "interest_clusters"
    label = "Your interests"
    explores = False
    course = Course.FIRST
    reason = "in the vein of {seed}, which you liked"

    def applies_to(self, context: Context) -> bool:
        return context.model is not None and len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """What is nearest to the medoids of the user's likes, grouped in the live version's space (PinnerSage: Pal et
        al. 2020). Groups take turns by what share of recent liking they have; the seed is the medoid. The score is
        minus the logarithm of one plus the turn. What was liked is not proposed again.

        Two queries, the likes' vectors and all searches at once; none where the process keeps the vectors. Options:
        `likes`, how many of the last are grouped, `clusters`, into at most how many, `step_decay`, `ef_search`.
        """
        if context.model is None or k <= 0:
            return Found.empty()
        options = context.options
        index = index_of(context.model, deadline=context.deadline)
        liked, shares = recent_likes(
            context,
            most=int(options.get("likes", LIKES)),
            step_decay=float(options.get("step_decay", STEP_DECAY)),
        )
        known, vectors = index.item_vectors(liked, deadline=context.deadline)
        if not len(known):
            return Found.empty()
        groups = clustered(vectors, shares[among(liked, known)], int(options.get("clusters", CLUSTERS)))
        had = ascending(np.concatenate([context.engaged(), known]))
        found = index.search_each(
            vectors[groups.medoids],
            math.ceil(_SPARE * k * float(groups.shares.max())) + len(known),
            deadline=context.deadline,
            ef_search=int(options.get("ef_search", EF_SEARCH)),
        )
        lists = [ids[~among(ids, had)] for ids, _ in found]
        return _in_turns(lists, groups.shares, known[groups.medoids], k)


def _in_turns(lists: list[Ids], shares: np.ndarray, medoids: Ids, k: int) -> Found:
    """Each item at its earliest turn: the n-th of a list with half of the liking has turn 2n."""
    item_ids = np.concatenate(lists)
    turns = np.concatenate(
        [(1 + np.arange(len(ids))) / share for ids, share in zip(lists, shares, strict=True)]
    )
    seeds = np.repeat(medoids, [len(ids) for ids in lists])
    order = np.argsort(turns, kind="stable")
    _, first = np.unique(item_ids[order], return_index=True)
    rows = order[np.sort(first)][:k]
    return Found(item_ids[rows], -np.log1p(turns[rows]).astype(np.float32), seeds[rows])
