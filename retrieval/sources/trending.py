"""What everybody turns to now, and what they do in the user's favorite categories."""

from collections import defaultdict

import numpy as np

from retrieval import trending
from retrieval.facts import current_facts
from retrieval.sets import ascending
from retrieval.source import Course, register
from retrieval.types import CacheUnavailable, Context, Found

_RECENT = 50
_FAVORITES = 3


@register
class Trending:
    name = "trending"
    label = "Trending"
    explores = False
    course = Course.NEXT
    reason = "popular right now"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Option `per_category`: the share (0 to 1) that comes from the three categories that the user liked most
        recently; 0 by default. Without Valkey it serves the process's copy. At most one query, where the process
        doesn't keep the facts of what was liked."""
        if k <= 0:
            return Found.empty()
        try:
            share = min(max(float(context.options.get("per_category", 0.0)), 0.0), 1.0)
            favorites = _favorite_categories(context) if share > 0 else []
            if not favorites:
                return trending.top(k)
            return _mixed(trending.top(k), trending.top_of_categories(favorites, k), int(k * share), k)
        except CacheUnavailable:
            return trending.floor(k)


def _mixed(everywhere: Found, by_category: list[Found], wanted: int, k: int) -> Found:
    """`wanted` of the categories' items that aren't hot enough anyway, the rest from everywhere; hottest first."""
    of_categories = _best_first(by_category)
    first = everywhere.head(k - wanted)
    extra = of_categories.item_ids[~np.isin(of_categories.item_ids, first.item_ids)][:wanted]
    chosen = np.concatenate([first.item_ids, extra])
    rest = everywhere.item_ids[~np.isin(everywhere.item_ids, chosen)][: k - len(chosen)]
    every = _best_first([everywhere, *by_category])
    rows = np.isin(every.item_ids, np.concatenate([chosen, rest]))
    return Found(every.item_ids[rows], every.scores[rows], every.seeds[rows])


def _best_first(founds: list[Found]) -> Found:
    """All of them as one, each item once; equal scores stay in the order they came in."""
    if not founds:
        return Found.empty()
    item_ids = np.concatenate([found.item_ids for found in founds])
    scores = np.concatenate([found.scores for found in founds])
    order = np.argsort(-scores, kind="stable")
    _, first = np.unique(item_ids[order], return_index=True)
    rows = order[np.sort(first)]
    return Found(item_ids[rows], scores[rows], np.zeros(len(rows), np.int64))


def _favorite_categories(context: Context) -> list[str]:
    liked = context.liked()[-_RECENT:]
    if not len(liked):
        return []
    item_ids = liked["item_id"].astype(np.int64)
    facts = current_facts(ascending(item_ids), context.deadline)
    weights: defaultdict[str, float] = defaultdict(float)
    for row, weight in zip(facts.rows_of(item_ids).tolist(), context.weights_of(liked).tolist(), strict=True):
        if row >= 0 and (category := facts.category[row]):
            weights[category] += weight
    return sorted(weights, key=lambda category: (-weights[category], category))[:_FAVORITES]
