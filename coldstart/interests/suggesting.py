"""A first set of interests, learned from what the same people like, and named by the tags that set each apart.

The most liked items are grouped by spectral clustering (Ng, Jordan, Weiss 2001) of how much oftener than by chance the
same people like both; each group is one interest, its most liked items the examples. Tags alone would be too coarse:
half of all films are dramas.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils.text import slugify
from numpy.typing import NDArray
from scipy.sparse import csr_array

from catalog.models import Item
from catalog.sql import cursor
from coldstart.config import newcomers
from coldstart.interests.learning import learn_representatives
from coldstart.interests.naming import Group, named
from coldstart.likes import fill_recent_likes
from coldstart.models import Interest

_MOST_USERS = 20_000  # whose likes say enough of which items go together
_MOST_ITEMS = 300
_DIMENSIONS = 12
_SMALLEST_GROUP = 4
_FEWEST_ITEMS = 40  # below, the tags themselves are the interests
_SPARE = 1.2  # groups too small to be an interest are dropped
_SHOWN = 12
# Told apart beside each other, all dark enough for white on them.
_COLORS = (
    "#b4451f", "#8a5a00", "#5f6b12", "#2f7a3d", "#0b7a6b", "#0a6e8f",
    "#2b5fb8", "#5a4bc0", "#8a3fb0", "#ad2f7d", "#b32b4a", "#6b5346",
)  # fmt: skip
_LIKES = """
SELECT liked.user_id, liked.item_id FROM recent_like liked
WHERE liked.item_id IN (SELECT item_id FROM liked_item ORDER BY users DESC, item_id LIMIT %s)
  AND liked.user_id IN (
      SELECT user_id FROM (SELECT DISTINCT user_id FROM recent_like) everybody
      ORDER BY hashint8(user_id), user_id LIMIT %s
  )
"""


def suggest_interests(now: datetime) -> list[str]:
    """The names of those that were added. The first set is offered at once; later ones wait, not active, for somebody
    to look at them. One whose name is taken is left out."""
    with transaction.atomic(), cursor() as raw:
        fill_recent_likes(raw, now=now, window_s=newcomers().demographic_window_s)
        likes = np.array(raw.execute(_LIKES, [_MOST_ITEMS, _MOST_USERS]).fetchall(), np.int64).reshape(-1, 2)
    groups = _groups(likes, newcomers().suggested_interests)
    first = not Interest.objects.exists()
    taken = set(Interest.objects.values_list("slug", flat=True))
    start = Interest.objects.count()
    added: list[Interest] = []
    for name, tags, group in named(groups)[: newcomers().suggested_interests]:
        slug = slugify(name)[:50]
        if not slug or slug in taken:
            continue
        taken.add(slug)
        place = start + len(added)
        interest = Interest(slug=slug, name=name, tags=tags, active=first, position=place)
        interest.items = [item.external_id for item in group.items[:_SHOWN]]
        interest.color = _COLORS[place % len(_COLORS)]
        added.append(interest)
    Interest.objects.bulk_create(added)
    learn_representatives(now)
    return [interest.name for interest in added]


def _groups(likes: NDArray[np.int64], count: int) -> list[Group]:
    """The most liked first. likes: int64 [n, 2], user and item."""
    item_ids, columns, popularity = np.unique(likes[:, 1], return_inverse=True, return_counts=True)
    items = Item.objects.in_bulk(item_ids.tolist())
    by_likes = np.argsort(-popularity, kind="stable")
    ordered = [items[item_ids[place]] for place in by_likes.tolist()]
    if len(item_ids) < _FEWEST_ITEMS:
        return _by_tag(ordered)
    _, rows = np.unique(likes[:, 0], return_inverse=True)
    liked = csr_array((np.ones(len(rows)), (rows, columns)))[:, by_likes]
    labels = _clusters(liked, min(round(count * _SPARE), len(item_ids) // _SMALLEST_GROUP))
    groups = [
        Group([ordered[place] for place in np.flatnonzero(labels == label).tolist()])
        for label in range(labels.max() + 1)
    ]
    weight = popularity[by_likes]
    order = np.argsort(
        [-float(np.sort(weight[labels == label])[::-1][:6].sum()) for label in range(len(groups))]
    )
    return [groups[place] for place in order.tolist() if len(groups[place].items) >= _SMALLEST_GROUP]


def _by_tag(items: Sequence[Item]) -> list[Group]:
    """One group for each tag or, of what has none, category: the most frequent first."""
    counts = Counter(tag for item in items for tag in item.tags or [item.category] if tag)
    return [
        Group([item for item in items if tag in (item.tags or [item.category])], about=tag)
        for tag, _ in counts.most_common()
    ]


def _clusters(liked: csr_array, count: int) -> NDArray[np.int64]:
    """int64 [n_items]: the group of each. liked: float64 [n_users, n_items]."""
    together = np.asarray((liked.T @ liked).toarray())
    scale = np.sqrt(np.diag(together))
    cosine = together / np.outer(scale, scale)
    mean = cosine.mean(axis=0)
    beyond_chance = cosine - np.outer(mean, mean) / mean.mean()
    values, vectors = np.linalg.eigh(beyond_chance)
    places = vectors[:, -_DIMENSIONS:] * np.sqrt(np.maximum(values[-_DIMENSIONS:], 0))
    places /= np.linalg.norm(places, axis=1, keepdims=True) + 1e-12
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415  takes longer to load than most of the product

    _, labels = kmeans2(places, count, seed=np.random.default_rng(1), minit="++")
    return np.asarray(labels, np.int64)
