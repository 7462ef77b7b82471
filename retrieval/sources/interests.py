"""What the user chose: the items that stand for each interest, then the best of its tags and categories."""

from collections.abc import Mapping

import numpy as np

from coldstart.interests import KnownInterest
from retrieval.source import Course, register
from retrieval.toplists import ListKey, lists_of
from retrieval.types import Context, Found, Ids, Scores


@register
class Interests:
    name = "interests"
    label = "Chosen interests"
    explores = False
    course = Course.NEXT
    reason = "because you chose {seed}"

    def applies_to(self, context: Context) -> bool:
        return len(context.stated.interests) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """The interests take turns in the order of choice; scores fall from 1. The seed is minus the interest's id.

        At most one query: the top lists, where the process doesn't keep them.
        """
        if k <= 0:
            return Found.empty()
        interests = context.stated.interests
        lists = lists_of(sorted({key for one in interests for key in _keys(one)}), context.deadline)
        ranked = [_ranked(one, lists)[:k] for one in interests]
        item_ids = np.concatenate([*ranked, np.empty(0, np.int64)])
        seeds = np.concatenate(
            [np.full(len(ids), -one.id) for one, ids in zip(interests, ranked, strict=True)]
        )
        turns = np.concatenate([np.arange(len(ids)) for ids in ranked])
        order = np.argsort(turns, kind="stable")
        _, first = np.unique(item_ids[order], return_index=True)
        rows = order[np.sort(first)][:k]
        scores = np.linspace(1, 0, num=len(rows), endpoint=False, dtype=np.float32)
        return Found(item_ids[rows], scores, seeds[rows].astype(np.int64))


def _keys(interest: KnownInterest) -> list[ListKey]:
    return [("tag", tag) for tag in interest.tags] + [("category", name) for name in interest.categories]


def _ranked(interest: KnownInterest, lists: Mapping[ListKey, tuple[Ids, Scores]]) -> Ids:
    """int64, the best first: those that stand for it, then by the sum of their shares of its lists' best scores."""
    parts = [lists[key] for key in _keys(interest) if key in lists]
    ids = np.concatenate([*(ids for ids, _ in parts), np.empty(0, np.int64)])
    shares = np.concatenate([*(scores / scores.max(initial=1e-12) for _, scores in parts), np.empty(0)])
    listed, rows = np.unique(ids, return_inverse=True)
    totals = np.bincount(rows, weights=shares, minlength=len(listed))
    by_total = listed[np.argsort(-totals, kind="stable")]
    every = np.concatenate([np.array(interest.representatives, np.int64), by_total])
    _, first = np.unique(every, return_index=True)
    return every[np.sort(first)].astype(np.int64)
