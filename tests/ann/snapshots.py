"""Snapshots of a table as tests make them, in a folder of their own."""

from collections.abc import Callable

from django.db import connection

from retrieval.ann import SnapshotIndex
from retrieval.ann.snapshots import Layout, build_snapshot
from retrieval.types import LiveModel


def model_of(table: str, *, version: int = 1, vectors_changed_at: str = "") -> LiveModel:
    """The version that has this table; 2 dimensions where there is no such table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'vector'",
            [table],
        )
        row = cursor.fetchone()
    return LiveModel(version, row[0] if row else 2, table, f"{table}_related", vectors_changed_at)


def built(layout: Layout) -> Callable[[str], SnapshotIndex]:
    def make(table: str) -> SnapshotIndex:
        model = model_of(table)
        build_snapshot(model, layout=layout, threads=1)
        return SnapshotIndex.current(model)

    return make


def built_and_then_changed(layout: Layout) -> Callable[[str], SnapshotIndex]:
    """The snapshot is of other rows: some not there yet, some elsewhere, one that went since."""

    def make(table: str) -> SnapshotIndex:
        model = model_of(table)
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone() == (True,):
                cursor.execute(_BEFORE.format(table=table))
        build_snapshot(model, layout=layout, threads=1)
        with connection.cursor() as cursor:
            cursor.execute(_SINCE.format(table=table))
        return SnapshotIndex.current(model)

    return make


_BEFORE = """
CREATE TEMP TABLE aside ON COMMIT DROP AS SELECT * FROM (SELECT *, row_number() OVER () % 4 AS part FROM {table}) t;
DELETE FROM {table} USING aside WHERE aside.part = 0 AND aside.item_id = {table}.item_id;
UPDATE {table} SET vector = other.vector
FROM aside, (SELECT lag(item_id) OVER (ORDER BY item_id) AS item_id, vector FROM aside WHERE part = 1) AS other
WHERE aside.part = 1 AND aside.item_id = {table}.item_id AND other.item_id = {table}.item_id;
INSERT INTO {table} SELECT 999999999, vector, history FROM aside LIMIT 1;
"""
_SINCE = """
DELETE FROM {table} WHERE item_id = 999999999;
INSERT INTO {table} SELECT item_id, vector, history FROM aside WHERE part = 0;
UPDATE {table} SET vector = aside.vector FROM aside WHERE aside.part = 1 AND aside.item_id = {table}.item_id;
DROP TABLE aside;
"""
