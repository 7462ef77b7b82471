"""New items take their places at once, between two rebuilds."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.sql import Cursor, cursor
from retrieval.arrays import register_array_dumper, register_array_loaders
from retrieval.locks import wait_for
from retrieval.popularity import empty_item_popularity
from retrieval.toplists.membership import LENGTHS, MEMBERS, ROWS_LOCK, place_items
from retrieval.types import Ids

# The part of a full list that items may take by being new.
RESERVED_SHARE = 0.1
# Each item is in several lists, and a list is written whole: a thousand items cost a second.
AT_ONCE = 1000

Worths = NDArray[np.float64]

_WITH_PRESENT = """
SELECT entering.value, entering.ids, entering.scores,
       coalesce(list.item_ids, '{{}}'), coalesce(list.scores, '{{}}')
FROM (
    SELECT value, array_agg(id ORDER BY score DESC, id) AS ids, array_agg(score ORDER BY score DESC, id) AS scores
    FROM ({members}) AS member GROUP BY value
) AS entering
LEFT JOIN retrieval_toplist list ON list.kind = %(kind)s AND list.value = entering.value
ORDER BY entering.value
"""
_STORE = """
INSERT INTO retrieval_toplist (kind, value, item_ids, scores, rebuilt_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (kind, value) DO UPDATE SET item_ids = excluded.item_ids, scores = excluded.scores
"""


def enter_items(item_ids: Iterable[int], now: datetime) -> None:
    """The active ones among the first AT_ONCE take a place in their lists at once, also in full lists (up to
    RESERVED_SHARE of one). The next rebuild ranks them among all, and finds the rest of a bulk load."""
    with transaction.atomic(), cursor() as raw:
        wait_for(raw, ROWS_LOCK)
        empty_item_popularity(raw)
        enter(raw, list(islice(item_ids, AT_ONCE)), now)


def enter(raw: Cursor, item_ids: list[int], now: datetime) -> None:
    """As `enter_items`, for who holds the lock and has filled or emptied `item_popularity`."""
    if not item_ids:
        return
    place_items(raw, now=now, only=item_ids)
    register_array_loaders(raw)
    register_array_dumper(raw)
    for kind, members in MEMBERS.items():
        reserved = int(LENGTHS[kind] * RESERVED_SHARE)
        rows = raw.execute(_WITH_PRESENT.format(members=members), {"kind": kind}).fetchall()
        lists = (
            (kind, value, *merged(*columns, length=LENGTHS[kind], reserved=reserved), now)
            for value, *columns in rows
        )
        raw.executemany(_STORE, lists)


def merged(
    new: Ids, new_scores: Worths, present: Ids, present_scores: Worths, *, length: int, reserved: int
) -> tuple[Ids, Worths]:
    """Both lists as one, best first, each item once with its better score, at most `length` of them.

    The first `reserved` of `new` stay whatever their score.
    """
    ids = np.concatenate([new, present])
    scores = np.concatenate([new_scores, present_scores])
    order = np.lexsort((ids, -scores))
    _, first = np.unique(ids[order], return_index=True)
    rows = order[np.sort(first)]
    ids, scores = ids[rows], scores[rows]
    stays = np.isin(ids, new[:reserved])
    others = np.cumsum(~stays) <= length - stays.sum()
    kept = stays | others
    return ids[kept], scores[kept]
