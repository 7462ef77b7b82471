"""A statement asked so often that its round trip is all it may cost: prepared with one plan for all, outside any
transaction, on connections of its own, and read as libpq gives it.

`retrieval.sql.hot_connection` needs three round trips, for its transaction and its time-out; here both stand in the
session. A thread takes a connection that is idle, so there are at most as many as threads.
"""

import os
import select
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus

from retrieval.bounded import NoAnswer, command, wait_on
from retrieval.breakers import POSTGRES
from retrieval.hot import HotConnection
from retrieval.sql import Unanswered, admitted, connection_of_its_own
from retrieval.types import SourceTimeout, StoreUnavailable

_SESSION = (
    "SET default_transaction_read_only = on; SET plan_cache_mode = force_generic_plan; SET jit = off; "
    "SET statement_timeout = {timeout_ms}"
)
_NAME = b"hot"
_BINARY = 1
_CANCELED = b"57014"
_SLACK = 1.5  # the server's own time-out comes first, where there is a server
_made: "list[Prepared]" = []


class Prepared:
    """`statement` with parameters $1, $2, …; whoever shares Django's connection can't use it."""

    def __init__(self, statement: str, *, timeout_ms: int) -> None:
        self._statement, self._timeout_ms = statement.encode(), timeout_ms
        self._idle: dict[int, deque[HotConnection]] = {}  # by process id: one must not outlive a fork
        _made.append(self)

    @contextmanager
    def asked(self, *values: bytes | None) -> Iterator["Answering"]:
        """Asks at once, so that the caller can ask others meanwhile; `values` are text. Raises StoreUnavailable
        where Postgres is away."""
        admitted()
        connection = self._sent(values)
        answering = Answering(connection, time.monotonic() + _SLACK * self._timeout_ms / 1000)
        try:
            yield answering
        finally:
            if answering.taken and connection.pgconn.status == ConnStatus.OK:
                self._of_process().append(connection)
            else:
                connection.close()  # with an answer that nobody has read

    def forget(self) -> None:
        """Closes what is idle."""
        idle = self._of_process()
        while idle:
            idle.pop().close()

    def _sent(self, values: Sequence[bytes | None]) -> HotConnection:
        """A connection on which the question is under way: an idle one that lives, else a new one."""
        idle = self._of_process()
        while True:
            try:
                connection, known = idle.pop(), True
            except IndexError:
                connection, known = self._connected(), False
            try:
                if known and _ended(connection):
                    raise psycopg.OperationalError("closed by the server")
                connection.pgconn.send_query_prepared(_NAME, values, None, _BINARY)
                if connection.pgconn.flush():
                    raise psycopg.OperationalError("the server takes nothing more")
            except psycopg.OperationalError as error:
                connection.close()
                if not known:
                    raise StoreUnavailable(f"Postgres is away: {error}") from error
            else:
                return connection

    def _connected(self) -> HotConnection:
        connection = connection_of_its_own()
        try:
            session = _SESSION.format(timeout_ms=self._timeout_ms)
            command(connection, f"{session}; PREPARE {_NAME.decode()} AS {self._statement.decode()}")
        except psycopg.Error as error:
            connection.close()
            raise StoreUnavailable(f"Not prepared: {error}") from error
        return connection

    def _of_process(self) -> deque[HotConnection]:
        pid = os.getpid()
        return self._idle.get(pid) or self._idle.setdefault(pid, deque())


class Answering:
    """A question on its way."""

    def __init__(self, connection: HotConnection, give_up_at: float) -> None:
        self._connection, self._give_up_at = connection, give_up_at
        self.taken = False

    def row(self) -> Sequence[bytes | None]:
        """The only row's columns in binary. Raises StoreUnavailable where Postgres went away, SourceTimeout where
        it takes too long, Unanswered where nobody answers."""
        pgconn = self._connection.pgconn
        try:
            pgconn.consume_input()
            while pgconn.is_busy():
                wait_on(self._connection, self._give_up_at, unsent=False)
            result = pgconn.get_result()
            while pgconn.get_result() is not None:
                pass
        except NoAnswer as error:
            POSTGRES.failed(str(error))
            raise Unanswered(str(error)) from error
        except (psycopg.OperationalError, ValueError) as error:
            raise StoreUnavailable(f"Postgres is away: {error}") from error
        if result is None or pgconn.status != ConnStatus.OK:
            raise StoreUnavailable("Postgres closed the connection.")
        self.taken = True
        POSTGRES.succeeded()
        if result.status != ExecStatus.TUPLES_OK:
            canceled = result.error_field(DiagnosticField.SQLSTATE) == _CANCELED
            raise (SourceTimeout if canceled else StoreUnavailable)(result.get_error_message())
        return [result.get_value(0, column) for column in range(result.nfields)]


def _ended(connection: HotConnection) -> bool:
    """Whether an idle connection has something to read: the server says nothing unasked but good-bye."""
    return bool(select.select([connection.pgconn.socket], [], [], 0)[0])


def forget_prepared() -> None:
    """As a process that has asked nothing yet: for tests, and where the settings changed."""
    for statement in _made:
        statement.forget()
