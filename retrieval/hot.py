"""The connections and cursors of the request path, and who watches what they run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

import psycopg
from psycopg.pq import Format
from psycopg.rows import TupleRow

from retrieval.arrays import register_array_loaders
from retrieval.bounded import BoundedConnection, NoAnswer
from retrieval.recording import RECORDING, without_values

CONNECTS_WITHIN_S = 1.0
HASTE_S = 0.3
_watchers: list[list[str]] = []


class HotCursor(psycopg.Cursor[TupleRow]):
    """Asks for results in binary, and tells `watched_statements` what it runs."""

    def __init__(self, connection: psycopg.Connection[TupleRow], **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self.format = Format.BINARY

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        tell_watchers(str(query))
        recording = RECORDING.get()
        if recording is not None:
            with recording.call("postgresql", without_values(str(query))):
                return super().execute(query, params, **kwargs)
        return super().execute(query, params, **kwargs)


class SharedCursor(HotCursor):
    """On Django's connection, which must not learn to read arrays for good."""

    def __init__(self, connection: psycopg.Connection[TupleRow], **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        register_array_loaders(self)


class HotConnection(BoundedConnection):
    """Remembers whether the server refuses new connections, so that a request needn't wait to learn it."""

    refused: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What `retrieval.asking` has prepared: the statement and its parameters' types, the name.
        self.prepared: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self.used = False

    @classmethod
    def connects_within_s(cls) -> float:
        return CONNECTS_WITHIN_S

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        try:
            connection = super().connect(*args, **kwargs)
        except NoAnswer:
            raise  # not refused: the breaker is there for it
        except psycopg.OperationalError:
            HotConnection.refused = True
            raise
        HotConnection.refused = False
        return connection


class HastyConnection(HotConnection):
    """Made while a request waits."""

    @classmethod
    def connects_within_s(cls) -> float:
        return HASTE_S


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
