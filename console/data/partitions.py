"""The partitions of what is stored by time, by what Postgres estimates: no table is counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.partitions import INTERACTIONS, Partitioned, default_partition_rows
from catalog.sql import cursor
from coldstart.impressions import IMPRESSIONS

_COUNTED = 10_000
_SHOWN = 120
_QUERY = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
WHERE inhparent = %s::text::regclass AND c.relname <> %s::text ORDER BY c.relname DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Partition:
    name: str
    bounds: str
    rows: int  # as ANALYZE last saw it
    size_mb: float


@dataclass(frozen=True, slots=True)
class Partitions:
    """stray: rows in DEFAULT, whose month had no partition; counted no further than 10,000."""

    title: str
    shown: Sequence[Partition]
    stray: int

    @property
    def stray_text(self) -> str:
        return f"{self.stray:,} or more" if self.stray >= _COUNTED else f"{self.stray:,}"


def all_partitions() -> list[Partitions]:
    return [_of("Events", INTERACTIONS), _of("Impressions", IMPRESSIONS)]


def _of(title: str, table: Partitioned) -> Partitions:
    with cursor() as raw:
        rows = raw.execute(_QUERY, [table.table, table.default, _SHOWN]).fetchall()
    shown = [Partition(name, bounds, count, size / 1024**2) for name, bounds, count, size in rows]
    return Partitions(title, shown, default_partition_rows(_COUNTED, of=table))
