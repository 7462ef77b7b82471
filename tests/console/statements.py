"""What pages ask of Postgres, and whether a page would still be quick with ten million rows behind it.

A statement is planned, not run, as if the big tables had ten million rows and no table might be read whole where an
index can be used. What the plan then still reads without a condition on an index, and without a limit that is reached
row by row, would be read whole.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model

from catalog.models import Creator, Item, User
from console.models.entering import LogInAttempt
from retrieval.models import (
    AnswerHour,
    ArmAnswerHour,
    ArmHour,
    AudienceSlice,
    CacheHour,
    CatalogueSlice,
    SourceHour,
    SourceWork,
)

MANY_ROWS = 10_000_000
# Of our apps, what grows with items, people or what they do: whatever points at one of them, at any remove.
_ROOTS = (Item, User, Creator)
_OURS = {"catalog", "coldstart", "experiments", "retrieval"}
# And what grows with time: a row for each hour, answer's level or deed of somebody of the staff.
_GROWING: tuple[type[Model], ...] = (
    AnswerHour,
    ArmAnswerHour,
    ArmHour,
    AudienceSlice,
    CacheHour,
    CatalogueSlice,
    LogEntry,
    LogInAttempt,
    Session,
    SourceHour,
    SourceWork,
)
# They read all of their input before they give a row, so no limit above them bounds what is below.
_BLOCKING = {"Sort", "Aggregate", "Hash", "Materialize", "WindowAgg", "SetOp", "Memoize"}


def big_tables() -> set[str]:
    """Their names, and those of their partitions."""
    big: set[Any] = {*_ROOTS, *_GROWING}
    models = [model for model in apps.get_models() if model._meta.app_label in _OURS]
    while True:
        more = {
            model
            for model in models
            for field in model._meta.get_fields()
            if field.concrete and field.related_model in big
        } - big
        if not more:
            break
        big |= more
    names = {model._meta.db_table for model in big}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent::regclass::text = ANY(%s)",
            [list(names)],
        )
        return names | {name for (name,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Statement:
    """binds: the kind of cursor, which says who puts the parameters in."""

    text: str
    params: Any
    binds: type[psycopg.Cursor[Any]]

    @property
    def reads(self) -> bool:
        return self.text.lstrip(" (\n").upper().startswith(("SELECT", "WITH"))


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Every statement that goes through psycopg in the block: Django's and our own."""
    seen: list[Statement] = []
    execute = psycopg.Cursor.execute

    def noting(self: Any, query: Any, params: Any = None, **rest: Any) -> Any:
        text = query if isinstance(query, str) else query.as_string(self)
        binds = psycopg.ClientCursor if isinstance(self, psycopg.ClientCursor) else psycopg.Cursor
        seen.append(Statement(text, _plain(params), binds))
        return execute(self, query, params, **rest)

    psycopg.Cursor.execute = noting  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]


@contextmanager
def as_if_large(names: set[str]) -> Iterator[None]:
    """Within the block, and undone after it, the planner believes that these tables have so many rows."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name in sorted(names):
                cursor.execute(
                    "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s,"
                    " 'relpages', 1::integer, 'reltuples', %s::real)",
                    [name, float(MANY_ROWS)],
                )
            # Without statistics the planner takes every value for one of 200: keys and times are many more.
            cursor.execute(
                """SELECT count(*) FROM (
                   SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', relname::text,
                       'attname', attname::text, 'inherited', relkind = 'p', 'n_distinct', '-0.1'::real)
                   FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                   WHERE relname = ANY(%s) AND attnum > 0 AND NOT attisdropped
                       AND (attname LIKE '%%\\_id' OR attname LIKE '%%\\_at' OR attname = 'id')) AS told""",
                [list(names)],
            )
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL jit = off")
        yield
        transaction.set_rollback(True)


def whole_reads(statement: Statement, big: set[str]) -> list[str]:
    """The big tables that the statement would read whole, each with the step of the plan that does it."""
    connection.ensure_connection()
    with transaction.atomic(), statement.binds(connection.connection) as raw:
        [(plan,)] = raw.execute(f"EXPLAIN (FORMAT JSON) {statement.text}", statement.params).fetchall()
    found = plan if isinstance(plan, list) else json.loads(plan)
    return list(_unbounded(found[0]["Plan"], big, bounded=False))


def _plain(params: Any) -> Any:
    """Without numpy's arrays, which only the request path's connections can write."""
    if isinstance(params, Mapping):
        return {name: _plain(value) for name, value in params.items()}
    if isinstance(params, (list, tuple)):
        return [_plain(value) for value in params]
    return params.tolist() if isinstance(params, np.ndarray) else params


def _unbounded(node: dict[str, Any], big: set[str], *, bounded: bool) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if table in big and not _limited(node, bounded=bounded):
        yield f"{table}: {kind}" + (f" by {node['Index Name']}" if "Index Name" in node else "")
    if kind == "Limit":
        bounded = True
    elif kind in _BLOCKING:
        bounded = False
    for below in node.get("Plans", []):
        yield from _unbounded(below, big, bounded=bounded)


def _limited(node: dict[str, Any], *, bounded: bool) -> bool:
    """A condition on the index, or rows as they come up to a limit without any being thrown away."""
    if "Index Cond" in node or "TID Cond" in node or "Recheck Cond" in node:
        return True
    return bounded and "Filter" not in node
