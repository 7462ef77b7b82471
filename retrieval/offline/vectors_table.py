"""The table of one version's vectors: made, filled, indexed and kept current. Outside migrations on purpose:
an index over millions of rows takes minutes, and each version has a table of its own."""

from collections.abc import Sequence
from typing import cast

import numpy as np
from django.db import connection, transaction
from psycopg import Connection, sql

from retrieval.ann.halfvec import copy_blocks
from retrieval.ann.index import Vectors
from retrieval.config import config
from retrieval.types import Ids

# A graph of 64 leaves islands between which a search gets stuck: one in fifty of the bench's users was given nothing of
# what is nearest. It takes half as long again to build.
M, EF_CONSTRUCTION = 16, 128
_RAISE_MEMORY = (
    "SELECT set_config('maintenance_work_mem', greatest({kb}, setting::bigint)::text || 'kB', true)"
    " FROM pg_settings WHERE name = 'maintenance_work_mem'"
)
_COLUMNS = "item_id bigint PRIMARY KEY, vector halfvec({dim}) NOT NULL, history halfvec({dim}) NOT NULL"


def create(table: str, dim: int) -> None:
    """An empty table without a search index; replaces what an interrupted run left."""
    _execute("DROP TABLE IF EXISTS {table}", table)
    _execute("CREATE TABLE {table} (" + _COLUMNS + ")", table, dim=dim)


def copy_in(table: str, item_ids: Ids, vectors: Vectors, history: Vectors) -> None:
    """Adds the rows by binary COPY. `vectors` and `history`: float32 [n, dim]. Raises ValueError for shapes
    that disagree or values that half precision cannot hold."""
    _check(item_ids, vectors, history)
    with transaction.atomic(), _psycopg().cursor() as cursor:
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table))
        with cursor.copy(statement) as copy:
            for block in copy_blocks(item_ids, vectors, history):
                copy.write(block)


def build_index(table: str, *, m: int = M, ef_construction: int = EF_CONSTRUCTION) -> None:
    """The HNSW index on the inner product of `vector`, and fresh statistics. After loading: it is many times
    faster than growing the index row by row, as long as the graph fits into memory, which is raised for it."""
    statement = (
        "CREATE INDEX IF NOT EXISTS {index} ON {table} USING hnsw (vector halfvec_ip_ops)"
        " WITH (m = {m}, ef_construction = {ef_construction})"
    )
    with transaction.atomic():
        workers = config().index_build_workers
        _execute("SET LOCAL max_parallel_maintenance_workers = {workers}", table, workers=workers)
        if wanted_kb := min(_graph_kb(table, m), 1024 * config().index_build_mb):
            # Never less than the server has anyway.
            _execute(_RAISE_MEMORY, table, kb=wanted_kb)
        _execute(statement, table, m=m, ef_construction=ef_construction)
    _execute("ANALYZE {table}", table)


def _graph_kb(table: str, m: int) -> int:
    """About what the graph takes while it is built: of each row the vector, twice m links of 16 bytes and pgvector's
    own book-keeping, and a tenth for the upper levels."""
    width = (
        "SELECT coalesce(avg(pg_column_size(vector)), 0)::bigint FROM (SELECT vector FROM {} LIMIT 1) AS one"
    )
    with _psycopg().cursor() as cursor:
        row = cursor.execute(sql.SQL(width).format(sql.Identifier(table))).fetchone()
    vector_bytes = cast(int, row[0]) if row else 0
    return count(table) * (vector_bytes + 2 * m * 16 + 200) * 11 // 10 // 1024


def upsert(table: str, item_ids: Ids, vectors: Vectors, history: Vectors) -> None:
    """The rows of these items replaced or added, searchable once committed."""
    with transaction.atomic():
        remove(table, item_ids)
        copy_in(table, item_ids, vectors, history)


def remove(table: str, item_ids: Ids | Sequence[int]) -> int:
    """How many of the items were there, and are not any more."""
    statement = sql.SQL("DELETE FROM {} WHERE item_id = ANY(%s)").format(sql.Identifier(table))
    with _psycopg().cursor() as cursor:
        return cursor.execute(statement, [[int(item_id) for item_id in item_ids]]).rowcount


def count(table: str) -> int:
    """How many items the table holds."""
    with _psycopg().cursor() as cursor:
        row = cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        return cast(int, row[0]) if row else 0


def item_ids(table: str) -> Ids:
    """int64 [n], ascending."""
    statement = sql.SQL("SELECT item_id FROM {} ORDER BY item_id").format(sql.Identifier(table))
    with _psycopg().cursor() as cursor:
        return np.array([row[0] for row in cursor.execute(statement)], np.int64)


def _check(item_ids: Ids, vectors: Vectors, history: Vectors) -> None:
    if vectors.shape != history.shape or vectors.ndim != 2 or len(vectors) != len(item_ids):
        raise ValueError(f"{len(item_ids)} items, vectors {vectors.shape}, history {history.shape}.")
    largest = float(np.finfo(np.float16).max)
    for name, values in (("vectors", vectors), ("history", history)):
        if not (np.abs(values) <= largest).all():
            raise ValueError(f"{name} hold NaN or values beyond ±{largest:.0f}.")


def _execute(statement: str, table: str, **numbers: int) -> None:
    names = {"table": sql.Identifier(table), "index": sql.Identifier(f"{table}_hnsw")}
    literals = {name: sql.Literal(number) for name, number in numbers.items()}
    with _psycopg().cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**names, **literals))


def _psycopg() -> Connection[tuple[object, ...]]:
    connection.ensure_connection()
    raw: Connection[tuple[object, ...]] = connection.connection
    return raw
