"""Scheduled work that must not run twice at once, on however many machines: locks in Postgres that end with
their transaction, so that a killed worker never leaves one behind."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from catalog.sql import Cursor, cursor

_CLASS = 4877  # keeps our locks apart from other users of advisory locks in this database


@contextmanager
def sole_run(name: str, *, one_snapshot: bool = False) -> Iterator[Cursor | None]:
    """A cursor in a transaction that holds the lock `name`; None, at once, where another run holds it.

    `one_snapshot`: all statements see the same moment, unless the caller has a transaction open already.
    """
    sets_isolation = one_snapshot and not connection.in_atomic_block
    with transaction.atomic(), cursor() as raw:
        if sets_isolation:
            raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        row = raw.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _key(name)).fetchone()
        yield raw if row and row[0] else None


def wait_for(raw: Cursor, name: str) -> None:
    """Holds the lock `name` from here to the end of the transaction."""
    raw.execute("SELECT pg_advisory_xact_lock(%s, %s)", _key(name))


def _key(name: str) -> tuple[int, int]:
    return _CLASS, zlib.crc32(name.encode()) - 2**31
