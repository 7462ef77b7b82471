"""Facts straight from Postgres."""

import numpy as np

from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.facts.columns import ItemFacts
from retrieval.facts.table import Record, Table
from retrieval.types import Ids

_FACTS = """
SELECT item.id, item.external_id, item.title, item.active, item.category, coalesce(item.creator_id, 0),
       coalesce(creator.external_id, ''), item.language, item.tags,
       coalesce(extract(epoch FROM item.published_at)::bigint, 0)
FROM catalog_item item LEFT JOIN catalog_creator creator ON creator.id = item.creator_id
WHERE item.id = ANY(%s) ORDER BY item.id
"""


def load_facts(ids: Ids, deadline: Deadline | None) -> ItemFacts:
    """Facts of those `ids` (int64 [m], any order) that exist, in one statement. Raises SourceTimeout."""
    records = read_records(ids, deadline)
    return Table(records).take(np.arange(len(records)))


def read_records(ids: Ids, deadline: Deadline | None) -> list[Record]:
    """One record per item that exists, ascending. Raises SourceTimeout, StoreUnavailable."""
    if not len(ids):
        return []
    return [Record(*row) for row in ask(_FACTS, [ids], deadline)]
