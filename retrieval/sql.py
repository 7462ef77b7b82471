"""The request path's own database connections: raw psycopg, binary, prepared, read-only, with a deadline.

Django binds parameters on the client and prepares nothing, which costs the hot queries most of their time.
What writes uses Django's connection: the server refuses writes here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import psycopg
from django.db import connection as django_connection
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from retrieval.arrays import register_array_dumper, register_array_loaders
from retrieval.breakers import Breaker
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.types import SourceTimeout, StoreUnavailable

_PATIENCE_S = 30.0  # for a connection, where the caller has no deadline
_HURRY_S = 0.001
# Of this process: what one thread finds out, the others know. A fork's begins as its parent's was.
BREAKER = Breaker("postgres")
_watchers: list[list[str]] = []
_pools: dict[int, ConnectionPool[Any]] = {}  # by process id; a parent's stays, untouched


class Unanswered(SourceTimeout):
    """Not even the server's own time-out came back."""


class HotCursor(psycopg.Cursor[TupleRow]):
    """Asks for results in binary, and tells `watched_statements` what it runs."""

    def __init__(self, connection: psycopg.Connection[TupleRow], **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self.format = Format.BINARY

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        tell_watchers(str(query))
        return super().execute(query, params, **kwargs)


class SharedCursor(HotCursor):
    """On Django's connection, which must not learn to read arrays for good."""

    def __init__(self, connection: psycopg.Connection[TupleRow], **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        register_array_loaders(self)


class HotConnection(psycopg.Connection[TupleRow]):
    """Remembers whether the server refuses new connections, so that a request needn't wait to learn it."""

    refused: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What `retrieval.asking` has prepared: the statement and its parameters' types, the name.
        self.prepared: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self.used = False

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        try:
            connection = super().connect(*args, **kwargs)
        except psycopg.OperationalError:
            HotConnection.refused = True
            raise
        HotConnection.refused = False
        return connection


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
    if not BREAKER.admits():
        raise StoreUnavailable("Postgres did not answer a moment ago; it is asked again shortly.")
    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        BREAKER.succeeded()  # who says so is there
        raise SourceTimeout("Postgres stopped a statement at the deadline.") from error
    except psycopg.OperationalError as error:
        BREAKER.failed(str(error))
        raise StoreUnavailable(f"Postgres is away: {error}") from error
    except Unanswered as error:
        BREAKER.failed(str(error))
        raise
    BREAKER.succeeded()


def connection_of_its_own() -> HotConnection:
    """Outside the pool, for who keeps it. Raises StoreUnavailable."""
    if HotConnection.refused:
        # The pool finds out when it is back.
        raise StoreUnavailable("Postgres refuses connections.")
    try:
        return HotConnection.connect(config().database_url, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"Postgres is away: {error}") from error


def shares_django() -> bool:
    """Whether hot connections are Django's own, and there can be no others."""
    return not config().hot_pool_size


def sees_uncommitted() -> bool:
    """Whether hot connections share an open transaction of Django's, so that what they read may be rolled back."""
    return shares_django() and django_connection.in_atomic_block


def tell_watchers(statement: str) -> None:
    for watcher in _watchers:
        watcher.append(statement)


@contextmanager
def watched_statements() -> Iterator[list[str]]:
    """The statements that hot connections of this process run meanwhile, in order."""
    statements: list[str] = []
    _watchers.append(statements)
    try:
        yield statements
    finally:
        _watchers[:] = [watcher for watcher in _watchers if watcher is not statements]


@contextmanager
def _pooled(deadline: Deadline | None, settings: str) -> Iterator[psycopg.Connection[TupleRow]]:
    pool = _pool_of(os.getpid())
    connection = _begun(pool, deadline, settings)
    try:
        yield connection
    finally:
        try:
            if not connection.closed:
                command(connection, "ROLLBACK")
        finally:
            pool.putconn(connection)


@contextmanager
def pooled_connection(deadline: Deadline | None) -> Iterator[tuple[HotConnection, bool]]:
    """(a connection outside any transaction, to be left so; whether it has been used before)"""
    pool = _pool_of(os.getpid())
    connection = _taken(pool, deadline)
    known, connection.used = connection.used, True
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
    BREAKER.succeeded()


def _configure(connection: HotConnection) -> None:
    register_array_dumper(connection)
    register_array_loaders(connection)
    # A generic plan of a filtered top-k can be a thousand times slower.
    command(connection, "SET plan_cache_mode = force_custom_plan; SET jit = off; SET timezone = 'UTC'")


def _begun(pool: ConnectionPool[HotConnection], deadline: Deadline | None, settings: str) -> HotConnection:
    """A connection in its transaction; those that died in the pool are thrown away on the way."""
    while True:
        connection = _taken(pool, deadline)
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
        try:
            return pool.getconn(timeout=_HURRY_S if hurried else patience_s)
        except PoolTimeout as error:
            if HotConnection.refused:
                raise StoreUnavailable("Postgres refuses connections.") from error
            if not hurried:
                if BREAKER.state() != "closed":
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


def command(connection: psycopg.Connection[Any], statements: str) -> None:
    """Several statements in one round trip, unprepared, unwatched. Straight through libpq: they are two of the
    three round trips of nearly every use, and a cursor would cost three times as much."""
    result = connection.pgconn.exec_(statements.encode())
    if connection.closed:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace").strip())
    if result.status != ExecStatus.COMMAND_OK:
        raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
