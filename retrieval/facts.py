"""What filters, caps and answers must know of candidates, read fresh from Postgres on every request."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import Ids

_FACTS = """
SELECT item.id, item.external_id, item.title, item.active, item.category, coalesce(item.creator_id, 0),
       coalesce(creator.external_id, ''), item.language, item.tags,
       coalesce(extract(epoch FROM item.published_at)::bigint, 0)
FROM catalog_item item LEFT JOIN catalog_creator creator ON creator.id = item.creator_id
WHERE item.id = ANY(%s) ORDER BY item.id
"""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """Parallel columns, one row per item that exists, ascending by id."""

    item_ids: Ids  # int64 [n], ascending
    external_ids: list[str]
    titles: list[str]
    active: NDArray[np.bool_]  # [n]
    category: list[str]
    creator_ids: Ids  # int64 [n], 0: none
    creator_external_ids: list[str]  # "": none
    languages: list[str]
    tags: list[tuple[str, ...]]
    published_at_s: NDArray[np.int64]  # [n], Unix time, 0: unknown

    def __len__(self) -> int:
        return len(self.item_ids)

    def rows_of(self, ids: Ids) -> NDArray[np.int64]:
        """int64 [m]: the row of each id, -1 where there is no such item."""
        if not len(self.item_ids):
            return np.full(len(ids), -1, np.int64)
        rows = np.minimum(np.searchsorted(self.item_ids, ids), len(self.item_ids) - 1)
        return np.where(self.item_ids[rows] == ids, rows, -1)


def load_facts(ids: Ids, deadline: Deadline | None) -> ItemFacts:
    """Facts of those `ids` (int64 [m], any order) that exist, in one statement. Raises SourceTimeout."""
    rows: list[tuple[object, ...]] = []
    if len(ids):
        with hot_connection(deadline) as connection:
            rows = connection.execute(_FACTS, [ids]).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * 10
    return ItemFacts(
        item_ids=np.array(columns[0], np.int64),
        external_ids=list(columns[1]),
        titles=list(columns[2]),
        active=np.array(columns[3], np.bool_),
        category=list(columns[4]),
        creator_ids=np.array(columns[5], np.int64),
        creator_external_ids=list(columns[6]),
        languages=list(columns[7]),
        tags=[tuple(tags) for tags in columns[8]],
        published_at_s=np.array(columns[9], np.int64),
    )
