"""Statements over one version's vectors table that every Postgres-backed index shares."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from retrieval.ann.halfvec import from_sent
from retrieval.ann.index import IndexUnavailable, Vectors
from retrieval.asking import ask
from retrieval.deadline import Deadline
from retrieval.types import Ids, Scores


def fetch_all(
    table: str, statement: str, parameters: Sequence[Any], deadline: Deadline | None, *, settings: str = ""
) -> list[tuple[Any, ...]]:
    """The statement's rows, read in one transaction under the deadline and the transaction's `settings`."""
    try:
        return ask(statement, parameters, deadline, settings=settings)
    except psycopg.errors.UndefinedTable as error:
        raise IndexUnavailable(f"{table} does not exist: was its model version retired?") from error


def ranked(rows: Sequence[tuple[Any, ...]]) -> tuple[Ids, Scores]:
    """Ids and scores, best first, from one row as `gathered` selects it, or none.

    The operator returns the inner product negated; this is the only place that turns it round. Equal scores
    fall in order of id, so that a repeat gives the same list.
    """
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.float32)
    [(ids, distances)] = rows
    scores = -distances
    order = np.lexsort((ids, -scores))
    return ids[order], scores[order]


def vectors_of(table: str, column: str, ids: Ids, deadline: Deadline | None) -> tuple[Ids, Vectors]:
    """Those `ids` that the table holds, ascending, with float32 [n, dim] of `column`."""
    rows = fetch_all(table, _select(table, column), [np.asarray(ids, np.int64)], deadline)
    [(known, sent)] = rows
    return known, from_sent(sent, len(known))


def gathered(nearest: str) -> str:
    """As one row of two arrays what `nearest` selects as (item_id, distance): a row each would be read one by one."""
    return (
        "SELECT coalesce(array_agg(item_id), '{{}}'), coalesce(array_agg(distance::real), '{{}}')"  # noqa: S608
        f" FROM ({nearest}) AS nearest"
    )


def gathered_each(order: str) -> str:
    """The statement of `nearest_each`: for each asked vector the first rows in that order."""
    return (
        "SELECT asked.place, array_agg(near.item_id), array_agg(near.distance::real)"  # noqa: S608
        " FROM unnest(%s::text[]) WITH ORDINALITY AS asked (vector, place) CROSS JOIN LATERAL ("
        "SELECT item_id, vector <#> asked.vector::halfvec AS distance FROM {table}"
        f" ORDER BY {order} LIMIT %s) AS near GROUP BY asked.place"
    )


def nearest_each(
    table: str, statement: str, vectors: Vectors, k: int, deadline: Deadline | None, *, settings: str = ""
) -> list[tuple[Ids, Scores]]:
    """What `ranked` makes of each vector's nearest k, in their order. One statement."""
    asked = ["[" + ",".join(map(repr, vector)) + "]" for vector in np.asarray(vectors, np.float64).tolist()]
    if not asked or k <= 0:
        return [ranked([]) for _ in asked]
    found = fetch_all(table, quoted(statement, table), (asked, k), deadline, settings=settings)
    lists = {place: (ids, distances) for place, ids, distances in found}
    return [ranked([lists[place]] if place in lists else []) for place in range(1, len(asked) + 1)]


@cache
def quoted(statement: str, table: str) -> str:
    """`statement` with the table's name, quoted, in place of {table}."""
    return sql.SQL(statement).format(table=sql.Identifier(table)).as_string(None)


@cache
def _select(table: str, column: str) -> str:
    statement = (
        "SELECT coalesce(array_agg(item_id ORDER BY item_id), '{{}}'),"
        " coalesce(string_agg(halfvec_send({column}), '' ORDER BY item_id), '')"
        " FROM {table} WHERE item_id = ANY(%s)"
    )
    names = {"column": sql.Identifier(column), "table": sql.Identifier(table)}
    return sql.SQL(statement).format(**names).as_string(None)
