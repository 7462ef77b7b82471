"""What users did after a moment that was new to them: what requests as of that moment should have found."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from catalog.sql import cursor
from retrieval.types import Ids

_NEW = """
SELECT event.user_id, person.external_id, array_agg(DISTINCT event.item_id)
FROM catalog_interaction event
JOIN catalog_eventtype type ON type.id = event.type_id AND type.weight > 0
JOIN catalog_user person ON person.id = event.user_id
WHERE event.occurred_at >= %(moment)s
  AND (%(types)s::text[] IS NULL OR type.name = ANY(%(types)s::text[]))
  AND NOT EXISTS (
    SELECT FROM catalog_interaction before
    WHERE before.user_id = event.user_id AND before.item_id = event.item_id AND before.occurred_at < %(moment)s
)
GROUP BY event.user_id, person.external_id ORDER BY event.user_id
"""


@dataclass(frozen=True, slots=True)
class Unseen:
    """user_ids: int64 [n]; external_ids: theirs; items: int64 [each], what each newly liked, at least one."""

    user_ids: Ids
    external_ids: list[str]
    items: list[Ids]

    def __len__(self) -> int:
        return len(self.external_ids)

    def sample(self, n: int) -> "Unseen":
        """At most n of the users, the same each time."""
        if len(self) <= n:
            return self
        rows = np.sort(np.random.default_rng(0).choice(len(self), n, replace=False)).tolist()
        return Unseen(
            self.user_ids[rows], [self.external_ids[row] for row in rows], [self.items[row] for row in rows]
        )

    def truth(self, item_ids: Ids) -> csr_array:
        """[n, len(item_ids)]: 1 where the item was to be found. item_ids: int64 ascending, all that exist."""
        rows = np.repeat(np.arange(len(self)), [len(items) for items in self.items])
        columns = np.searchsorted(item_ids, np.concatenate(self.items))
        return csr_array((np.ones(len(rows), np.float32), (rows, columns)), (len(self), len(item_ids)))


def unseen_since(moment: dt.datetime, *, types: Sequence[str] | None = None) -> Unseen:
    """Of all users who liked something new since then. types: names of event types that count as liking; None: all
    with a positive weight."""
    values = {"moment": moment, "types": None if types is None else list(types)}
    with cursor() as raw:
        return unseen_of(raw.execute(_NEW, values).fetchall())


def unseen_of(rows: Sequence[tuple[Any, ...]]) -> Unseen:
    """rows: user, her external id, what she newly liked."""
    user_ids = np.array([row[0] for row in rows], np.int64)
    return Unseen(user_ids, [row[1] for row in rows], [np.array(row[2], np.int64) for row in rows])
