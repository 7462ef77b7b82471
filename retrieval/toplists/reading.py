"""Several lists in one statement, as arrays."""

from collections.abc import Sequence

from retrieval.arrays import register_array_loaders
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import Ids, Scores

ListKey = tuple[str, str]  # TopList.Kind, value; a creator's value is its internal id in digits

_READ = """
SELECT kind, value, item_ids, scores::real[] FROM retrieval_toplist
WHERE (kind, value) IN (SELECT * FROM unnest(%s::text[], %s::text[]))
"""


def lists_of(keys: Sequence[ListKey], deadline: Deadline | None) -> dict[ListKey, tuple[Ids, Scores]]:
    """Item ids int64 [n] and scores float32 [n] > 0, best first, of those `keys` that have a list; in one
    statement. Raises SourceTimeout."""
    if not keys:
        return {}
    kinds, values = (list(column) for column in zip(*keys, strict=True))
    with hot_connection(deadline) as connection, connection.cursor() as raw:
        register_array_loaders(raw)
        rows = raw.execute(_READ, [kinds, values]).fetchall()
    return {(kind, value): (ids, scores) for kind, value, ids, scores in rows}


def top_lists(kind: str, values: Sequence[str], deadline: Deadline | None) -> dict[str, tuple[Ids, Scores]]:
    """The lists of one kind by value; otherwise as `lists_of`."""
    found = lists_of([(kind, value) for value in values], deadline)
    return {value: lists for (_, value), lists in found.items()}
