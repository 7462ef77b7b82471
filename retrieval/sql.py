"""The request path's own database connections: raw psycopg, binary, prepared, read-only, with a deadline.

Django binds parameters on the client and prepares nothing, which costs the hot queries most of their time.
What writes uses Django's connection: the server refuses writes here.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from retrieval.arrays import register_array_dumper, register_array_loaders
from retrieval.bounded import SLACK_S, NoAnswer, command, left_unanswered, note_unanswered
from retrieval.breakers import POSTGRES
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.hot import CONNECTS_WITHIN_S, HASTE_S, HastyConnection, HotConnection, HotCursor, SharedCursor
from retrieval.turns import let_others_go_on, takes_turns
from retrieval.types import SourceTimeout, StoreUnavailable

_PATIENCE_S = 30.0  # for a connection, where the caller has no deadline
_HURRY_S = 0.001
_FAREWELL_S = 0.25  # for the end of a transaction whose statement was answered
_pools: dict[int, ConnectionPool[Any]] = {}  # by process id; a parent's stays, untouched


class Unanswered(SourceTimeout):
    """Not even the server's own time-out came back: as `NoAnswer`, in the words of retrieval."""


@contextmanager
def hot_connection(
    deadline: Deadline | None, *, settings: str = ""
) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection in a read-only transaction of its own, each statement bounded by what `deadline` leaves.

    `settings`: more statements, `SET LOCAL …`, for the same round trip as the beginning.

    Arrays of bigint, real and double precision are numpy arrays of int64, float32 and float64, as parameters
    and in results. Raises SourceTimeout where the deadline has
    passed, passes in a statement or in the wait for a connection; StoreUnavailable where Postgres is away.
    """
    with said_as_ours():
        if config().hot_pool_size:
            with _pooled(deadline, settings) as connection:
                yield connection
        else:
            with _shared_with_django(deadline, settings) as connection:
                yield connection


@contextmanager
def said_as_ours() -> Iterator[None]:
    """Raises SourceTimeout and StoreUnavailable for what psycopg raises of it; the latter at once where it gave no
    answer a moment ago."""
    admitted()
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        POSTGRES.succeeded()  # who says so is there
        raise SourceTimeout("Postgres stopped a statement at the deadline.") from error
    except NoAnswer as error:
        POSTGRES.failed(str(error))
        raise Unanswered(str(error)) from error
    except psycopg.OperationalError as error:
        POSTGRES.failed(str(error))
        raise StoreUnavailable(f"Postgres is away: {error}") from error
    except Unanswered as error:
        POSTGRES.failed(str(error))
        raise
    POSTGRES.succeeded()


def admitted() -> None:
    """Raises StoreUnavailable where Postgres gave no answer a moment ago, or none to this very request before."""
    if left_unanswered() or not POSTGRES.admits():
        raise StoreUnavailable("Postgres did not answer a moment ago; it is asked again shortly.")


def connection_of_its_own() -> HotConnection:
    """Outside the pool, for who keeps it. Raises StoreUnavailable, Unanswered."""
    if HotConnection.refused:
        # The pool finds out when it is back.
        raise StoreUnavailable("Postgres refuses connections.")
    try:
        connection = HastyConnection.connect(config().database_url, autocommit=True, connect_timeout=2)
    except NoAnswer as error:
        POSTGRES.failed(str(error))
        raise Unanswered(str(error)) from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"Postgres is away: {error}") from error
    connection.give_up_at = time.monotonic() + HASTE_S
    return connection


def shares_django() -> bool:
    """Whether hot connections are Django's own, and there can be no others."""
    return not config().hot_pool_size


def sees_uncommitted() -> bool:
    """Whether hot connections share an open transaction of Django's, so that what they read may be rolled back."""
    return shares_django() and django_connection.in_atomic_block


@contextmanager
def _pooled(deadline: Deadline | None, settings: str) -> Iterator[HotConnection]:
    pool = _pool_of(os.getpid())
    connection = _begun(pool, deadline, settings)
    try:
        yield connection
    finally:
        try:
            if not connection.closed:
                connection.give_up_at = time.monotonic() + _FAREWELL_S
                command(connection, "ROLLBACK")
        finally:
            pool.putconn(connection)


@contextmanager
def pooled_connection(deadline: Deadline | None) -> Iterator[tuple[HotConnection, bool]]:
    """(a connection outside any transaction, to be left so; whether it has been used before)"""
    pool = _pool_of(os.getpid())
    connection = _taken(pool, deadline)
    known, connection.used = connection.used, True
    connection.give_up_at = give_up_at(deadline)
    try:
        yield connection, known
    finally:
        pool.putconn(connection)


def _pool_of(pid: int) -> ConnectionPool[HotConnection]:
    """Made at first use in each process: two processes on one connection would read each other's answers."""
    if pid not in _pools:
        # Of pools that threads make at the same moment one is kept; the others are never opened.
        _pools.setdefault(pid, _unopened_pool())
    pool = _pools[pid]
    pool.open()  # does nothing where it is
    return pool


def _unopened_pool() -> ConnectionPool[HotConnection]:
    size = config().hot_pool_size
    return ConnectionPool(
        config().database_url,
        connection_class=HotConnection,
        kwargs={
            "autocommit": True,  # transactions are begun below, with their time-out, in one round trip
            "connect_timeout": 2,
            "cursor_factory": HotCursor,
            "prepare_threshold": 1,
        },
        min_size=min(4, size),
        max_size=size,
        # The pool's own patience doubles its pauses: a restarted server would wait minutes to be seen.
        reconnect_timeout=0.5,
        configure=_configure,
        open=False,
    )


def forget_pool() -> None:
    """The next use makes a pool anew: for tests, and where the settings changed."""
    if pool := _pools.pop(os.getpid(), None):
        pool.close()
    HotConnection.refused = False
    POSTGRES.succeeded()


def _configure(connection: HotConnection) -> None:
    connection.give_up_at = time.monotonic() + CONNECTS_WITHIN_S
    register_array_dumper(connection)
    register_array_loaders(connection)
    # A generic plan of a filtered top-k can be a thousand times slower.
    command(connection, "SET plan_cache_mode = force_custom_plan; SET jit = off; SET timezone = 'UTC'")


def _begun(pool: ConnectionPool[HotConnection], deadline: Deadline | None, settings: str) -> HotConnection:
    """A connection in its transaction; those that died in the pool are thrown away on the way."""
    while True:
        connection = _taken(pool, deadline)
        connection.give_up_at = give_up_at(deadline)
        try:
            command(connection, f"BEGIN READ ONLY; {time_limit(deadline)}; {settings}")
        except psycopg.OperationalError:
            broken = connection.broken
            pool.putconn(connection)
            if not broken:
                raise
        except BaseException:
            pool.putconn(connection)
            raise
        else:
            return connection


def _taken(pool: ConnectionPool[HotConnection], deadline: Deadline | None) -> HotConnection:
    while True:
        # Where connections are refused, asking makes the pool try again, but nobody waits for the outcome.
        hurried = HotConnection.refused
        patience_s = _PATIENCE_S if deadline is None else deadline.remaining_s()
        by_turns = takes_turns() and patience_s > _HURRY_S
        try:
            return pool.getconn(timeout=_HURRY_S if hurried or by_turns else patience_s)
        except PoolTimeout as error:
            if by_turns and not HotConnection.refused:
                # Who has them may be those who would have to wait for this one.
                let_others_go_on()
                continue
            if HotConnection.refused:
                raise StoreUnavailable("Postgres refuses connections.") from error
            if not hurried:
                if POSTGRES.state() != "closed":
                    note_unanswered()
                    raise Unanswered("No connection to Postgres can be made.") from error
                raise SourceTimeout("No database connection came free before the deadline.") from error


@contextmanager
def _shared_with_django(deadline: Deadline | None, settings: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """Django's own connection under the same conditions: sees what an open transaction of a test wrote."""
    django_connection.ensure_connection()
    connection: psycopg.Connection[TupleRow] = django_connection.connection
    idle = connection.info.transaction_status == TransactionStatus.IDLE
    begin, end = (
        ("BEGIN", "ROLLBACK")
        if idle
        else ("SAVEPOINT hot", "ROLLBACK TO SAVEPOINT hot; RELEASE SAVEPOINT hot")
    )
    command(connection, f"{begin}; SET LOCAL transaction_read_only = on; {time_limit(deadline)}; {settings}")
    cursor_factory = connection.cursor_factory
    connection.cursor_factory = SharedCursor
    register_array_dumper(connection)
    try:
        yield connection
    finally:
        connection.cursor_factory = cursor_factory
        if not connection.closed:
            command(connection, end)


def time_limit(deadline: Deadline | None) -> str:
    """Raises SourceTimeout where nothing is left: 0 would mean no limit at all."""
    limit_ms = 0 if deadline is None else deadline.remaining_ms()
    if deadline is not None and limit_ms < 1:
        raise SourceTimeout("The deadline passed before the database was asked.")
    return f"SET LOCAL statement_timeout = {limit_ms}"


def give_up_at(deadline: Deadline | None) -> float | None:
    """Until when to wait for an answer that is due at the deadline, by time.monotonic(): the server's own time-out
    comes first, where there is a server."""
    return None if deadline is None else deadline.at + SLACK_S
