"""Month partitions of what is stored by time: made ahead of time, and for old data before it is imported.

A row whose month has no partition lands in DEFAULT. Nothing is lost, but DEFAULT can't be dropped by month.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from django.db import OperationalError, transaction
from psycopg import sql
from psycopg.errors import LockNotAvailable

from catalog.sql import Cursor, cursor

Month = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table in partitions by month of the column `moment`; the apps above may have some too."""

    table: str
    moment: str

    @property
    def default(self) -> str:
        return f"{self.table}_default"

    def partition(self, month: Month) -> str:
        return f"{self.table}_y{month[0]:04}m{month[1]:02}"


INTERACTIONS = Partitioned("catalog_interaction", "occurred_at")
_LOCK = 7_201_102_014  # of everyone who makes partitions; any number that nobody else uses
# Whoever waits for DEFAULT holds up everyone behind: a long query must not make the request path wait for us.
_PATIENCE = "2s"
_ATTEMPTS = 10
log = structlog.get_logger(__name__)


def ensure_partitions(now: datetime, months_ahead: int = 3, *, of: Partitioned = INTERACTIONS) -> list[str]:
    """The names of those it made: of this month, the next ones, and every month with rows in DEFAULT."""
    wanted = {_months_later(_month_of(now), ahead) for ahead in range(months_ahead + 1)}
    if rows := default_partition_rows(of=of):
        log.warning("rows had no partition and are moved", table=of.table, rows_at_least=rows)
    with cursor() as raw:
        return _make_missing(wanted | _months_in_default(raw, of), of)


def ensure_partitions_for(times: Iterable[datetime], *, of: Partitioned = INTERACTIONS) -> list[str]:
    """The names of the partitions it made, so that each of these times has one."""
    return _make_missing({_month_of(time) for time in times}, of)


def default_partition_rows(limit: int = 10_000, *, of: Partitioned = INTERACTIONS) -> int:
    """How many rows DEFAULT has, counted no further than `limit`; anything but 0 deserves a look."""
    with cursor() as raw:
        raw.execute(f"SELECT count(*) FROM (SELECT FROM {of.default} LIMIT %s) AS bounded", [limit])  # noqa: S608
        return int(raw.fetchall()[0][0])


def _make_missing(wanted: set[Month], of: Partitioned) -> list[str]:
    with cursor() as raw:
        if not _missing(raw, wanted, of):
            return []
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _make_missing_now(wanted, of)
        except OperationalError as error:
            if attempt == _ATTEMPTS or not isinstance(error.__cause__, LockNotAvailable):
                raise
    return []


def _make_missing_now(wanted: set[Month], of: Partitioned) -> list[str]:
    """Raises OperationalError where others are in the way for longer than the patience."""
    with transaction.atomic(), cursor() as raw:
        raw.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
        raw.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        missing = _missing(raw, wanted, of)
        if missing:
            # No row may enter DEFAULT for these months between the move and the attaching. The parent first,
            # as everyone else does, and in the mode that lets readers and writers of other months go on.
            raw.execute(f"LOCK TABLE ONLY {of.table} IN SHARE UPDATE EXCLUSIVE MODE")
            raw.execute(f"LOCK TABLE {of.default} IN ACCESS EXCLUSIVE MODE")
        for month in missing:
            _make(raw, month, of)
        raw.execute("SET LOCAL lock_timeout TO DEFAULT")  # the transaction may be a caller's
        return [of.partition(month) for month in missing]


def _missing(raw: Cursor, wanted: set[Month], of: Partitioned) -> list[Month]:
    raw.execute(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = %s::text::regclass",
        [of.table],
    )
    there = {name for (name,) in raw}
    return sorted(month for month in wanted if of.partition(month) not in there)


def _make(raw: Cursor, month: Month, of: Partitioned) -> None:
    names = {
        "name": sql.Identifier(of.partition(month)),
        "table": sql.Identifier(of.table),
        "source": sql.Identifier(of.default),
        "moment": sql.Identifier(of.moment),
    }
    bounds = {"first": sql.Literal(_start(month)), "end": sql.Literal(_start(_months_later(month, 1)))}
    raw.execute(sql.SQL("CREATE TABLE {name} (LIKE {table} INCLUDING ALL)").format(**names))
    raw.execute(
        sql.SQL(
            "WITH moved AS (DELETE FROM {source} WHERE {moment} >= {first} AND {moment} < {end}"
            " RETURNING *) INSERT INTO {name} SELECT * FROM moved"
        ).format(**names, **bounds)
    )
    # Attached, not made as a partition: that would lock the whole table against readers.
    raw.execute(
        sql.SQL("ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})").format(
            **names, **bounds
        )
    )


def _months_in_default(raw: Cursor, of: Partitioned) -> set[Month]:
    raw.execute(f"SELECT DISTINCT date_trunc('month', {of.moment}, 'UTC') FROM {of.default}")  # noqa: S608
    return {_month_of(start) for (start,) in raw}


def _month_of(time: datetime) -> Month:
    time = time.astimezone(UTC)
    return time.year, time.month


def _months_later(month: Month, count: int) -> Month:
    months = month[0] * 12 + month[1] - 1 + count
    return months // 12, months % 12 + 1


def _start(month: Month) -> str:
    return f"{month[0]:04}-{month[1]:02}-01 00:00:00+00"
