"""A random share of what few turn to, so that the tail is seen; each item with its chance of being drawn."""

import numpy as np

from retrieval.asking import ask
from retrieval.drawing import AT, catalogue
from retrieval.sets import among, ascending
from retrieval.source import Course, register
from retrieval.toplists import lists_of
from retrieval.types import Context, Found, Ids

# The head is what gets four fifths of the popularity: the rest is tail (Park, Tuzhilin 2008 cut there too).
HEAD_SHARE = 0.8
# Places of a large catalogue drawn for each candidate: some hold no item, an inactive one or one of the head.
_DRAWS = 2
_EVERYTHING = ("all", "")


@register
class LongTail:
    name = "long_tail"
    label = "Long tail"
    explores = True
    draws_at_random = True
    course = Course.NEXT
    reason = "little known, and worth a look"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Active items at random, but for the most popular: the same for the same user on the same day. The score of
        each is its propensity, above 0 and at most 1: how likely it was among those drawn. Option `head_share`: what
        share of the popularity the items have together that are left out, 0 to 1.

        In a large catalogue one query; the top list and what is known of the catalogue are kept.
        """
        known = catalogue(context.deadline) if k > 0 else None
        if known is None:
            return Found.empty()
        head = _head(context, float(context.options.get("head_share", HEAD_SHARE)))
        random = np.random.default_rng([context.seed, context.now_s // 86_400, 1])
        found, chance = known.active, 1.0
        if found is None:
            places = random.integers(known.least, known.greatest, size=_DRAWS * k, endpoint=True)
            [(held,)] = ask(AT, [places], context.deadline)
            found = ascending(held)
            chance = 1 - (1 - 1 / (known.greatest - known.least + 1)) ** len(places)
        tail = found[~among(found, head)]
        drawn = random.permutation(tail)[:k]
        propensity = chance * len(drawn) / max(len(tail), 1)
        scores = np.full(len(drawn), propensity, np.float32)
        return Found(drawn, scores, np.zeros(len(drawn), np.int64))


def _head(context: Context, share: float) -> Ids:
    """int64 [n], ascending: the fewest items that have that share of the whole top list's scores."""
    item_ids, scores = lists_of([_EVERYTHING], context.deadline).get(_EVERYTHING, ([], np.empty(0)))
    if not len(item_ids):
        return np.empty(0, np.int64)
    before = np.concatenate([[0.0], np.cumsum(scores, dtype=np.float64)[:-1]])
    return ascending(np.asarray(item_ids, np.int64)[before < share * float(scores.sum())])
