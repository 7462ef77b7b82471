"""Item to item: for each item those that its likers like too, in one table per model version.

A row holds all of an item's related items as packed bytes: one read by primary key per liked item, whatever the
size of the catalogue, and no Python object per pair.
"""

from functools import cache

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql

from retrieval.ann import IndexUnavailable
from retrieval.deadline import Deadline
from retrieval.sql import hot_connection
from retrieval.types import Ids, Scores

# Little-endian on purpose: the bytes outlive the machine that wrote them.
RELATED_DTYPE = np.dtype([("item_id", "<i8"), ("weight", "<f4")])
_READ = "SELECT item_id, related FROM {table} WHERE item_id = ANY(%s) ORDER BY item_id"


def related_to(
    table: str, ids: Ids, *, most: int, deadline: Deadline | None
) -> tuple[NDArray[np.int64], Ids, Scores]:
    """Three parallel arrays, one entry per pair: the place in `ids` (int64, ascending ids), the related item (int64),
    its weight (float32; larger is closer, below 0 speaks against it). At most `most` per item, the strongest.

    One statement. Raises SourceTimeout past the deadline, IndexUnavailable where the version has no such table.
    """
    try:
        with hot_connection(deadline) as connection:
            rows = connection.execute(_statement(table), [ids]).fetchall()
    except psycopg.errors.UndefinedTable as error:
        raise IndexUnavailable(f"{table} does not exist: was its model version retired?") from error
    lists = [np.frombuffer(packed, RELATED_DTYPE)[:most] for _, packed in rows]
    pairs = np.concatenate(lists) if lists else np.empty(0, RELATED_DTYPE)
    places = np.searchsorted(ids, np.array([item_id for item_id, _ in rows], np.int64))
    return (
        np.repeat(places, [len(one) for one in lists]),
        pairs["item_id"].astype(np.int64),
        pairs["weight"].astype(np.float32),
    )


@cache
def _statement(table: str) -> str:
    return sql.SQL(_READ).format(table=sql.Identifier(table)).as_string(None)
