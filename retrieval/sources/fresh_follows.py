"""What creators whom the user follows have published of late."""

from datetime import timedelta

import numpy as np

from retrieval.asking import ask
from retrieval.sets import ascending
from retrieval.source import Course, register
from retrieval.types import Context, Found

_WINDOW_S = 14 * 86_400
_PER_CREATOR = 50
_HALF_LIFE_S = 86_400.0

# One short walk down the index of each creator's newest items, however much there is of them.
_NEWEST = """
SELECT item.id, extract(epoch FROM item.published)::float8, creator.id
FROM unnest(%(creators)s) AS creator (id)
CROSS JOIN LATERAL (
    SELECT id, coalesce(published_at, created_at) AS published FROM catalog_item
    WHERE creator_id = creator.id AND active
        AND coalesce(published_at, created_at) > %(since)s AND coalesce(published_at, created_at) <= %(now)s
    ORDER BY coalesce(published_at, created_at) DESC LIMIT %(limit)s
) AS item
"""


@register
class FreshFollows:
    name = "fresh_follows"
    label = "Fresh from who you follow"
    explores = False
    course = Course.NEXT
    reason = "new from someone you follow"

    def applies_to(self, context: Context) -> bool:
        return len(context.followed_creators) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """The newest first; a score halves with each day of age. One query. Option `window_s`: how far back it
        looks, two weeks by default."""
        if k <= 0:
            return Found.empty()
        window_s = float(context.options.get("window_s", _WINDOW_S))
        values = {
            # One order for all: the same creators get the same plan and the same ties.
            "creators": ascending(context.followed_creators),
            "since": context.now - timedelta(seconds=window_s),
            "now": context.now,
            "limit": _PER_CREATOR,
        }
        rows = ask(_NEWEST, values, context.deadline)
        if not rows:
            return Found.empty()
        item_ids = np.array([row[0] for row in rows], np.int64)
        ages_s = context.now.timestamp() - np.array([row[1] for row in rows])
        scores = np.exp2(-np.maximum(ages_s, 0) / _HALF_LIFE_S).astype(np.float32)
        order = np.lexsort((item_ids, -scores))[:k]
        return Found(item_ids[order], scores[order], np.zeros(len(order), np.int64))
