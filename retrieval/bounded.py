"""Connections to Postgres on which nobody waits for good, whatever the server does.

A server that hangs, or whose packets are lost, keeps none of the time-outs that it was told, and TCP takes minutes to
notice. So it is the client that stops waiting, and then the connection is closed: an answer may still be on its way.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen, PQGenConn
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow

from retrieval.turns import wait_for

RV = TypeVar("RV")
# Postgres' own time-out comes first, where there is a Postgres.
SLACK_S = 0.1
_TOO_LATE = "Postgres did not answer in time."


class NoAnswer(psycopg.OperationalError):
    """Not even the server's own time-out came back."""


class _Request(threading.local):
    """Whether this thread is at a request, and whether Postgres has left that one without an answer."""

    under_way = False
    unanswered = False


_request = _Request()


@contextmanager
def one_request() -> Iterator[None]:
    """Within the block this thread waits once for a Postgres that doesn't answer: it knows then what to think of it."""
    _request.under_way, _request.unanswered = True, False
    try:
        yield
    finally:
        _request.under_way = _request.unanswered = False


def note_unanswered() -> None:
    _request.unanswered = _request.under_way


def left_unanswered() -> bool:
    """Whether Postgres has left the request that this thread is at without an answer."""
    return _request.unanswered


class BoundedConnection(psycopg.Connection[TupleRow]):
    """Raises NoAnswer, and is closed then, where what is waited for takes longer than `patience_s` says."""

    give_up_at: float | None = None  # time.monotonic()

    @classmethod
    def connects_within_s(cls) -> float | None:
        return None

    def patience_s(self) -> float | None:
        """How long to wait from now; None for as long as it takes."""
        return None if self.give_up_at is None else max(0.0, self.give_up_at - time.monotonic())

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, self.patience_s() if timeout is None else timeout)
        except errors._WaitTimeout as error:
            self.close()
            note_unanswered()
            raise NoAnswer(_TOO_LATE) from error

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Any]:
        # libpq's own connect_timeout is two seconds at least.
        waits = super()._connect_gen(conninfo)
        within_s = cls.connects_within_s()
        if within_s is None:
            return (yield from waits)
        give_up_at = time.monotonic() + within_s
        try:
            asked = next(waits)
            while True:
                ready = yield asked
                if not ready and time.monotonic() > give_up_at:
                    waits.close()
                    note_unanswered()
                    raise NoAnswer("Postgres did not answer to a new connection in time.")
                asked = waits.send(ready)
        except StopIteration as made:
            return made.value


def command(connection: psycopg.Connection[Any], statements: str) -> None:
    """Several statements in one round trip, unprepared, unwatched. Straight through libpq: they are two of the
    three round trips of nearly every use, and a cursor would cost three times as much."""
    pgconn = connection.pgconn
    pgconn.send_query(statements.encode())
    patience_s = connection.patience_s() if isinstance(connection, BoundedConnection) else None
    results = _results(connection, None if patience_s is None else time.monotonic() + patience_s)
    if pgconn.status != ConnStatus.OK:
        raise psycopg.OperationalError(pgconn.get_error_message().strip())
    for result in results:
        if result.status != ExecStatus.COMMAND_OK:
            raise errors.error_from_result(result, encoding=connection.info.encoding)


def _results(connection: psycopg.Connection[Any], give_up_at: float | None) -> list[PGresult]:
    pgconn = connection.pgconn
    results: list[PGresult] = []
    unsent = bool(pgconn.flush())
    while True:
        while pgconn.is_busy() or unsent:
            unsent = wait_on(connection, give_up_at, unsent=unsent)
        result = pgconn.get_result()
        if result is None:
            return results
        results.append(result)


def wait_on(connection: psycopg.Connection[Any], give_up_at: float | None, *, unsent: bool) -> bool:
    """Whether something is still to be sent, once the socket has moved. Raises NoAnswer, with the connection closed,
    where it has not by then; OperationalError where it broke."""
    pgconn: PGconn = connection.pgconn
    left_s = None if give_up_at is None else max(0.0, give_up_at - time.monotonic())
    readable, writable = wait_for(pgconn.socket, unsent=unsent, within_s=left_s)
    if not (readable or writable):
        connection.close()
        note_unanswered()
        raise NoAnswer(_TOO_LATE)
    if readable:
        pgconn.consume_input()
    return unsent and bool(pgconn.flush())
