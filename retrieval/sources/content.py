"""More like what the user recently liked: the top lists of its tags, categories and creators."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from retrieval.deadline import Deadline
from retrieval.facts import current_facts
from retrieval.sets import among, largest, numbered
from retrieval.source import Course, register
from retrieval.toplists import ListKey, lists_of
from retrieval.types import Context, Found, Ids

SEEDS = 50
ATTRIBUTES = 40
HALF_LIFE_S = 30 * 86_400.0
# Added to what a list weighs, so that the second item of a tag that nobody uses isn't a sure thing.
SMOOTHING = 5.0

# How much each seed says for each attribute.
Taste = dict[ListKey, dict[int, float]]


@register
class Content:
    name = "content"
    label = "Content"
    explores = False
    course = Course.NEXT
    reason = "because you liked {seed}"

    def applies_to(self, context: Context) -> bool:
        return len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """An item's score: over the attributes it shares with what was liked, the user's weight of the attribute
        times the item's share of the attribute's list. So a broad tag says little for each of its many items.

        At most two queries: the seeds' attributes and the lists, where the process doesn't keep them.
        Options: `seeds`, `attributes`, how many of each count.
        """
        weights = _seed_weights(context, int(context.options.get("seeds", SEEDS)))
        if k <= 0 or not weights:
            return Found.empty()
        taste = _taste(weights, context.deadline)
        strongest = sorted(taste, key=lambda key: (-sum(taste[key].values()), key))
        return _rank(
            taste,
            strongest[: int(context.options.get("attributes", ATTRIBUTES))],
            np.array(sorted(weights), np.int64),
            context,
            k,
        )


def _seed_weights(context: Context, limit: int) -> dict[int, float]:
    """Item → how strongly it speaks for the user's taste now, of the `limit` items that were liked last."""
    liked = context.liked()
    strengths = context.weights_of(liked)
    # Relative to the newest: who comes back after a year finds the taste she left with.
    ages_s = liked["occurred_at_s"].max(initial=0) - liked["occurred_at_s"]
    decayed = strengths * np.exp2(-ages_s / HALF_LIFE_S)
    weights: dict[int, float] = {}
    for item_id, weight in zip(liked["item_id"][::-1].tolist(), decayed[::-1].tolist(), strict=True):
        if item_id in weights or len(weights) < limit:
            weights[item_id] = max(weights.get(item_id, 0.0), weight)
    return weights


def _taste(weights: dict[int, float], deadline: Deadline) -> Taste:
    facts = current_facts(np.array(sorted(weights), np.int64), deadline)
    taste: Taste = defaultdict(dict)
    columns = (facts.item_ids.tolist(), facts.tags, facts.category, facts.creator_ids.tolist())
    for item_id, tags, category, creator_id in zip(*columns, strict=True):
        keys = {("tag", tag) for tag in tags if tag}
        if category:
            keys.add(("category", category))
        if creator_id:
            keys.add(("creator", str(creator_id)))
        # An item with twenty tags says less by each of them.
        weight = weights[item_id] / max(len(keys), 1) ** 0.5
        for key in keys:
            taste[key][item_id] = weight
    return taste


def _rank(taste: Taste, keys: list[ListKey], seeds: Ids, context: Context, k: int) -> Found:
    lists = lists_of(keys, context.deadline)
    keys = [key for key in keys if key in lists]
    if not keys:
        return Found.empty()
    shares = [
        scores.astype(np.float64) / (scores.sum() + SMOOTHING) for _, scores in (lists[key] for key in keys)
    ]
    listed = np.concatenate([lists[key][0] for key in keys])
    item_ids, columns = numbered(listed)
    rows = np.repeat(np.arange(len(keys)), [len(share) for share in shares])
    by_seed = _matrix(taste, keys, seeds)
    totals = np.bincount(columns, weights=by_seed.sum(axis=1)[rows] * np.concatenate(shares))
    # What only stands for a chosen interest may be proposed.
    totals[among(item_ids, seeds[among(seeds, context.engaged())])] = 0.0
    best = largest(totals, k)  # ids ascend, so equal scores fall in order of id
    best = best[totals[best] > 0]
    # share_of [attributes, best]: only now, for the few that remain.
    place = np.full(len(item_ids), -1)
    place[best] = np.arange(len(best))
    kept = place[columns] >= 0
    share_of = np.zeros((len(keys), len(best)))
    share_of[rows[kept], place[columns[kept]]] = np.concatenate(shares)[kept]
    strongest_seed = (by_seed.T @ share_of).argmax(axis=0)
    return Found(item_ids[best], totals[best].astype(np.float32), seeds[strongest_seed])


def _matrix(taste: Taste, keys: list[ListKey], seeds: Ids) -> NDArray[np.float64]:
    """float64 [attributes, seeds]."""
    column = {seed: index for index, seed in enumerate(seeds.tolist())}
    matrix = np.zeros((len(keys), len(seeds)))
    for row, key in enumerate(keys):
        for seed, weight in taste[key].items():
            matrix[row, column[seed]] = weight
    return matrix
