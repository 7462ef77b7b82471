"""Which rows of a version's table came, changed or went since a snapshot of it.

Triggers write it down beside the table, for whoever changes it by whatever way, under the number of the transaction:
numbers from a sequence would be given out in another order than that of commits. A reader takes everything from the
oldest transaction on that was open when the snapshot began; what is read twice does no harm.
"""

from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from psycopg import sql

from catalog.sql import cursor
from retrieval.ann import rows
from retrieval.ann.halfvec import from_sent
from retrieval.ann.index import IndexUnavailable, Vectors
from retrieval.ann.snapshots.manifest import SnapshotUnusable
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.locks import wait_for
from retrieval.sets import among, ascending
from retrieval.types import Ids

_LOG = """
CREATE TABLE IF NOT EXISTS {changes} (item_id bigint PRIMARY KEY, xid xid8 NOT NULL);
CREATE INDEX IF NOT EXISTS {index} ON {changes} (xid);
CREATE OR REPLACE FUNCTION retrieval_log_vector_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO %I.%I (item_id, xid) SELECT item_id, pg_current_xact_id() FROM changed ORDER BY item_id'
        ' ON CONFLICT (item_id) DO UPDATE SET xid = excluded.xid',
        TG_TABLE_SCHEMA, TG_TABLE_NAME || '_changes');
    RETURN NULL;
END
$$;
CREATE TRIGGER log_inserts AFTER INSERT ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION retrieval_log_vector_changes();
CREATE TRIGGER log_updates AFTER UPDATE ON {table} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION retrieval_log_vector_changes();
CREATE TRIGGER log_deletes AFTER DELETE ON {table} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION retrieval_log_vector_changes();
"""
_LOGGED = (
    "SELECT to_regclass(%(table)s) IS NOT NULL,"
    " EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass(%(table)s) AND tgname = 'log_deletes')"
)
# A database that was restored counts its transactions anew; a table that was made again is another.
_ORIGIN = (
    "concat_ws('/', (SELECT system_identifier FROM pg_control_system()),"
    " (SELECT timeline_id FROM pg_control_checkpoint()), to_regclass({name})::oid)"
)
_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, {origin}"
_SINCE = (
    "WITH changed AS MATERIALIZED (SELECT item_id, vector FROM {changes} LEFT JOIN {table} USING (item_id)"
    " WHERE xid >= %s::xid8 LIMIT %s)"
    " SELECT pg_snapshot_xmin(pg_current_snapshot())::text, {origin},"
    " coalesce(array_agg(item_id ORDER BY item_id), '{{}}'),"
    " coalesce(array_agg(item_id ORDER BY item_id) FILTER (WHERE vector IS NOT NULL), '{{}}'),"
    " coalesce(string_agg(halfvec_send(vector), '' ORDER BY item_id) FILTER (WHERE vector IS NOT NULL), '')"
    " FROM changed"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """touched: int64 [n], ascending, what the snapshot no longer answers for; item_ids: int64 [m] of those that exist,
    ascending, with vectors float32 [m, dim]."""

    seen_before: str
    origin: str
    touched: Ids
    item_ids: Ids
    vectors: Vectors

    @classmethod
    def none(cls, dim: int, *, seen_before: str, origin: str) -> "Changes":
        """As of the snapshot itself."""
        nobody = np.empty(0, np.int64)
        return cls(seen_before, origin, nobody, nobody, np.empty((0, dim), np.float32))

    def brought_up_to_date(self, table: str, deadline: Deadline | None) -> "Changes":
        """With all that committed before now. Raises SnapshotUnusable where there are more than
        `faiss_most_changes`, or they are of another table; IndexUnavailable, SourceTimeout."""
        most = config().faiss_most_changes
        [(seen_before, origin, touched, item_ids, sent)] = rows.fetch_all(
            table, _filled(_SINCE, table), (self.seen_before, most + 1), deadline
        )
        if origin != self.origin:
            raise SnapshotUnusable(f"The snapshot is of another {table} than what serves.")
        all_touched = ascending(np.concatenate([self.touched, touched]))
        if len(touched) > most or len(all_touched) > most:
            raise SnapshotUnusable(f"More than {most:,} items changed since the snapshot of {table}.")
        if not len(touched):
            return replace(self, seen_before=seen_before)
        left = ~among(self.item_ids, touched)
        ids = np.concatenate([self.item_ids[left], item_ids])
        vectors = np.concatenate(
            [self.vectors[left], from_sent(sent, len(item_ids)).reshape(-1, self.vectors.shape[1])]
        )
        order = np.argsort(ids)
        return Changes(seen_before, origin, all_touched, ids[order], vectors[order])


def changes_table(table: str) -> str:
    return f"{table}_changes"


def log_changes(table: str) -> None:
    """From now on the table's changes are written down; nothing where they are. Waits for who writes to it. Raises
    IndexUnavailable."""
    with transaction.atomic(), cursor() as raw:
        wait_for(raw, "log of vector changes")
        exists, logged = raw.execute(_LOGGED, {"table": table}).fetchone() or (False, False)
        if not exists:
            raise IndexUnavailable(f"{table} does not exist: was its model version retired?")
        if not logged:
            raw.execute(_filled(_LOG, table))


def now(table: str) -> tuple[str, str]:
    """(seen_before, origin) for a snapshot whose reading begins after this."""
    [(seen_before, origin)] = rows.fetch_all(table, _filled(_NOW, table), (), None)
    return seen_before, origin


def count_since(table: str, seen_before: str) -> int:
    """How many items changed."""
    statement = _filled("SELECT count(*) FROM {changes} WHERE xid >= %s::xid8", table)
    [(count,)] = rows.fetch_all(table, statement, [seen_before], None)
    return int(count)


def _filled(statement: str, table: str) -> str:
    changes = changes_table(table)
    return (
        sql.SQL(statement)
        .format(
            table=sql.Identifier(table),
            changes=sql.Identifier(changes),
            index=sql.Identifier(f"{changes}_xid"),
            origin=sql.SQL(_ORIGIN).format(name=sql.Literal(table)),
        )
        .as_string(None)
    )
