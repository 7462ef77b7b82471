"""From a user to one other thing: follows and blocks are the same statements over different columns."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from catalog.sql import Cursor

Target = int | str  # an internal id, or a tag
Pair = tuple[int, Target]
Find = Callable[[Cursor, Collection[str]], Mapping[str, Target]]


@dataclass(frozen=True)
class LinkKind:
    """A table's two columns that say who and what; `find` resolves the external ids of the targets."""

    table: str
    user_column: str
    target_column: str
    find: Find
    find_or_make: Find
    target_type: str = "bigint"
    empty_column: str = ""  # one that must not be NULL
    concerns_target: bool = False  # whether the target is a user whose recommendations change too

    def insert(self, raw: Cursor, pairs: Collection[Pair], now: datetime) -> set[Pair]:
        """The pairs that are new."""
        return self._run(raw, self._insert, pairs, {"now": now})

    def delete(self, raw: Cursor, pairs: Collection[Pair]) -> set[Pair]:
        """The pairs that were there."""
        return self._run(raw, self._delete, pairs, {})

    def _run(self, raw: Cursor, query: str, pairs: Collection[Pair], more: Mapping[str, object]) -> set[Pair]:
        if not pairs:
            return set()
        in_order = sorted(pairs)
        columns = {"users": [user for user, _ in in_order], "targets": [target for _, target in in_order]}
        return {(user, target) for user, target in raw.execute(query, {**columns, **more}).fetchall()}

    @cached_property
    def _insert(self) -> str:
        columns = f"{self.user_column}, {self.target_column}"
        empty, nothing = (f", {self.empty_column}", ", ''") if self.empty_column else ("", "")
        return (
            f"INSERT INTO {self.table} ({columns}, created_at{empty})"  # noqa: S608
            f" SELECT {columns}, %(now)s::timestamptz{nothing} FROM {self._given} ON CONFLICT DO NOTHING"
            f" RETURNING {columns}"
        )

    @cached_property
    def _delete(self) -> str:
        user, target = self.user_column, self.target_column
        return (
            f"DELETE FROM {self.table} AS link USING {self._given}"  # noqa: S608
            f" WHERE link.{user} = given.{user} AND link.{target} = given.{target}"
            f" RETURNING link.{user}, link.{target}"
        )

    @property
    def _given(self) -> str:
        return (
            f"unnest(%(users)b::bigint[], %(targets)b::{self.target_type}[])"
            f" AS given ({self.user_column}, {self.target_column})"
        )
