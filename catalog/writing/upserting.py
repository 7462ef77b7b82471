"""Insert what is new, update what differs, leave the rest alone: the same three statements for any table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from catalog.sql import Cursor, Staging


class Column(NamedTuple):
    """A staged value where NULL means: not given."""

    kind: str  # Postgres type in the staging table
    default: str  # SQL, for new rows
    stored: str = "{}"  # SQL around the value as it is stored


class Written(NamedTuple):
    ids: dict[str, int]  # external to internal, of every row given
    created: set[str]  # external ids
    updated: set[str]


@dataclass(frozen=True)
class Upsert:
    """Rows are (external_id, then the columns in order), each external id once."""

    table: str
    columns: Mapping[str, Column]
    created: Mapping[str, str]  # column -> SQL, set when a row is made
    touched: Mapping[str, str]  # column -> SQL, set when a row changes

    def run(self, raw: Cursor, rows: Sequence[Sequence[object]], parameters: Mapping[str, object]) -> Written:
        self._staging.fill(raw, rows)
        new = _pairs(raw, self._insert, parameters)
        if len(new) == len(rows):
            return Written(new, set(new), set())
        # In one order for everyone, so that two batches wait for each other instead of deadlocking.
        ids = _pairs(raw, self._lock, {})
        updated = set(_pairs(raw, self._update, parameters))
        return Written(ids, set(new), updated)

    @cached_property
    def _staging(self) -> Staging:
        kinds = {name: column.kind for name, column in self.columns.items()}
        return Staging(f"staging_{self.table}", {"external_id": "varchar", **kinds})

    @cached_property
    def _insert(self) -> str:
        values = [
            column.stored.format(f"coalesce(given.{name}, {column.default})")
            for name, column in self.columns.items()
        ]
        # Those that are there are left out beforehand: a conflict would use up a number of the sequence.
        return (
            f"INSERT INTO {self.table} (external_id, {', '.join([*self.columns, *self.created])})"  # noqa: S608
            f" SELECT given.external_id, {', '.join([*values, *self.created.values()])}"
            f" FROM {self._staging.name} AS given"
            f" WHERE NOT EXISTS (SELECT FROM {self.table} AS old WHERE old.external_id = given.external_id)"
            " ORDER BY given.external_id ON CONFLICT DO NOTHING RETURNING external_id, id"
        )

    @cached_property
    def _lock(self) -> str:
        return (
            f"SELECT old.external_id, old.id FROM {self.table} AS old"  # noqa: S608
            f" JOIN {self._staging.name} AS given USING (external_id) ORDER BY old.id FOR NO KEY UPDATE OF old"
        )

    @cached_property
    def _update(self) -> str:
        new = {
            name: column.stored.format(f"coalesce(given.{name}, old.{name})")
            for name, column in self.columns.items()
        }
        changes = ", ".join(f"{name} = {value}" for name, value in [*new.items(), *self.touched.items()])
        return (
            f"UPDATE {self.table} AS old SET {changes} FROM {self._staging.name} AS given"  # noqa: S608
            " WHERE old.external_id = given.external_id"
            f" AND ({', '.join(f'old.{name}' for name in new)}) IS DISTINCT FROM ({', '.join(new.values())})"
            " RETURNING old.external_id, old.id"
        )


def _pairs(raw: Cursor, query: str, parameters: Mapping[str, object]) -> dict[str, int]:
    return dict(raw.execute(query, parameters).fetchall())
