"""One statement in a read-only transaction of its own in one round trip: beginning, settings, statement and end go out
together, in libpq's pipeline mode, and their results come back together.

`hot_connection` needs three, and each is a wait for another process to be given a core. What psycopg does around a
statement costs more than the statement, where that is a few rows by key; here only its conversions are left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from retrieval.bounded import NoAnswer, command, wait_on
from retrieval.deadline import Deadline
from retrieval.hot import HotConnection, tell_watchers
from retrieval.recording import RECORDING, without_values
from retrieval.sql import (
    hot_connection,
    pooled_connection,
    said_as_ours,
    shares_django,
    time_limit,
)

Values = Sequence[Any] | Mapping[str, Any]
Rows = list[tuple[Any, ...]]
_BINARY = 1
_MOST_PREPARED = 100
_FINE = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


def ask(statement: str, values: Values, deadline: Deadline | None, *, settings: str = "") -> Rows:
    """The statement's rows. settings: `SET LOCAL …; SET LOCAL …`. Otherwise as `hot_connection`."""
    if shares_django():
        with hot_connection(deadline, settings=settings) as connection:
            return connection.execute(statement, values).fetchall()
    with said_as_ours():
        while True:
            with pooled_connection(deadline) as (connection, known):
                try:
                    return _asked(connection, statement, values, deadline, settings)
                except NoAnswer:
                    raise
                except psycopg.OperationalError:
                    # What had been idle may have been closed meanwhile; what is new says how the server is.
                    if not (known and connection.pgconn.status != ConnStatus.OK):
                        raise


def _asked(
    connection: HotConnection, statement: str, values: Values, deadline: Deadline | None, settings: str
) -> Rows:
    recording = RECORDING.get()
    if recording is not None:
        with recording.call("postgresql", without_values(statement)):
            return _answered(connection, statement, values, deadline, settings)
    return _answered(connection, statement, values, deadline, settings)


def _answered(
    connection: HotConnection, statement: str, values: Values, deadline: Deadline | None, settings: str
) -> Rows:
    limit = time_limit(deadline)
    tell_watchers(statement)
    transformer = Transformer(connection)
    query = PostgresQuery(transformer)
    query.convert(statement, values)
    before = ["BEGIN READ ONLY", limit, *filter(None, map(str.strip, settings.split(";")))]
    try:
        result = _piped(connection, before, query)
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)
    finally:
        if connection.pgconn.transaction_status not in (TransactionStatus.IDLE, TransactionStatus.UNKNOWN):
            command(connection, "ROLLBACK")


def _piped(connection: HotConnection, before: Sequence[str], query: PostgresQuery) -> PGresult:
    """The statement's result. Leaves the connection out of pipeline mode, or closed. Raises what Postgres said."""
    pgconn = connection.pgconn
    pgconn.enter_pipeline_mode()
    whole = False
    try:
        for line in before:
            pgconn.send_query_params(line.encode(), None)
        key = (query.query, query.types)
        name = connection.prepared.get(key)
        count = len(before)
        if name is None and len(connection.prepared) < _MOST_PREPARED:
            name = f"asked_{len(connection.prepared)}".encode()
            pgconn.send_prepare(name, query.query, query.types)
            count += 1
        if name is None:
            pgconn.send_query_params(query.query, query.params, query.types, query.formats, _BINARY)
        else:
            pgconn.send_query_prepared(name, query.params, query.formats, _BINARY)
        pgconn.send_query_params(b"ROLLBACK", None)
        pgconn.pipeline_sync()
        results = _received(connection)
        whole = True
    finally:
        if whole:
            pgconn.exit_pipeline_mode()
        else:
            connection.close()  # with answers that nobody has read
    # Prepared it stays, whatever became of the statement.
    if name is not None and results[count - 1].status in _FINE:
        connection.prepared[key] = name
    for result in results:
        if result.status not in _FINE:
            raise psycopg.errors.error_from_result(result, encoding=connection.info.encoding)
    return results[count]


def _received(connection: HotConnection) -> list[PGresult]:
    """All results up to the end of the pipeline. Raises OperationalError where the connection broke, NoAnswer."""
    pgconn = connection.pgconn
    results: list[PGresult] = []
    unsent = bool(pgconn.flush())
    while True:
        while pgconn.is_busy() or unsent:
            unsent = wait_on(connection, connection.give_up_at, unsent=unsent)
        result = pgconn.get_result()
        if pgconn.status != ConnStatus.OK:
            raise psycopg.OperationalError(pgconn.get_error_message())
        if result is None:
            continue  # between two statements
        if result.status == ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)
