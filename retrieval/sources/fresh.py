"""What has just come: the newest items of the catalogue, whoever asks."""

import numpy as np

from retrieval.asking import ask
from retrieval.source import Course, register
from retrieval.types import Context, Found

_HOUR_S = 3600.0

# One walk down the index `item_fresh`, of as many entries as are asked for.
_NEWEST = """
SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(at_s), '{}')
FROM (
    SELECT id, date_part('epoch', coalesce(published_at, created_at)) AS at_s
    FROM catalog_item
    WHERE active AND coalesce(published_at, created_at) <= %(now)s
    ORDER BY coalesce(published_at, created_at) DESC, id DESC
    LIMIT %(k)s
) AS newest
"""


@register
class Fresh:
    name = "fresh"
    label = "Fresh"
    explores = False
    course = Course.NEXT
    reason = "new here"

    def applies_to(self, context: Context) -> bool:
        return True

    def retrieve(self, context: Context, k: int) -> Found:
        """Newest first, by when the item was published, else by when it came into the catalogue; of one moment the last
        that came. The score is minus the logarithm of one plus its age in hours: an hour counts for much while an
        item is new and for little later. One query."""
        if k <= 0:
            return Found.empty()
        [(item_ids, at_s)] = ask(_NEWEST, {"now": context.now, "k": k}, context.deadline)
        # Bounded, as a clock that stepped back would make an age negative.
        ages_h = np.maximum(context.now.timestamp() - at_s, 0.0) / _HOUR_S
        return Found(item_ids, -np.log1p(ages_h).astype(np.float32), np.zeros(len(item_ids), np.int64))
