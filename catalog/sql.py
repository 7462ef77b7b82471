"""Raw psycopg on Django's own connection: server-side binding, binary arrays and COPY, in its transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

Cursor = psycopg.Cursor[tuple[Any, ...]]
_class: type[Cursor] = psycopg.Cursor


@contextmanager
def cursor() -> Iterator[Cursor]:
    """A cursor that sees the open transaction; database errors come out as Django's."""
    connection.ensure_connection()
    with connection.wrap_database_errors, _class(connection.connection) as raw:
        yield raw


def make_cursors_of(kind: type[Cursor]) -> None:
    """For who records what they run."""
    global _class  # noqa: PLW0603  one per process, set at its start
    _class = kind


@dataclass(frozen=True, slots=True)
class Staging:
    """A temporary table of the session that empties itself at commit; rows reach it by COPY."""

    name: str
    columns: Mapping[str, str]  # name -> Postgres type, in the order of the rows

    def fill(self, raw: Cursor, rows: Iterable[Sequence[object]]) -> None:
        """Replaces what is in it."""
        name = sql.Identifier(self.name)
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
            for column, kind in self.columns.items()
        )
        # Kept for the session: a table made and dropped for each batch would bloat the system catalogs.
        raw.execute(
            sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS").format(name, columns)
        )
        raw.execute(sql.SQL("DELETE FROM {}").format(name))
        with raw.copy(sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(name)) as copy:
            copy.set_types(list(self.columns.values()))
            for row in rows:
                copy.write_row(row)
