"""What Django's own connections are asked, recorded like the rest."""

from collections.abc import Callable
from typing import Any, Self

from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.sql import Cursor, make_cursors_of
from retrieval.recording import RECORDING, without_values


def watch_connection(connection: BaseDatabaseWrapper) -> None:
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


class RecordingCursor(Cursor):
    """The raw ones of `catalog.sql`. Rows that come by COPY or in batches are not told one by one."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        recording = RECORDING.get()
        if recording is None:
            return super().execute(query, params, **options)
        text = query if isinstance(query, str) else query.as_string(self.connection)
        with recording.call("postgresql", without_values(text)):
            return super().execute(query, params, **options)


def watch_raw_cursors() -> None:
    make_cursors_of(RecordingCursor)


def _timed(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
    recording = RECORDING.get()
    if recording is None:
        return execute(sql, *rest)
    with recording.call("postgresql", without_values(str(sql))):
        return execute(sql, *rest)
