"""The catalogue as it was at a past moment, for one database session: the real request path, asked then.

Temporary views and tables of the same names come before the real ones in a session's search path. So everything that
this process reads is as of that moment, while nothing that is real is written or locked.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import LiteralString

from django.db import transaction
from psycopg import sql

from catalog.history import History, unpack_history
from catalog.sql import Cursor, cursor
from coldstart import demographics
from retrieval import toplists, trending, valkey
from retrieval.config import config, overridden
from retrieval.drawing import forget_catalogue
from retrieval.facts import forget_facts
from retrieval.sources.demographic import forget_cells
from retrieval.types import RetrievalError

# What came later is not there: events, and items that were neither published, nor in the catalogue, nor met.
_SHADOWS = """
CREATE TEMP TABLE evaluation_clock AS SELECT {moment}::timestamptz AS moment;
CREATE TEMP TABLE evaluation_newcomer AS
SELECT item.id, least(item.created_at, item.published_at, first.met_at) AS known_at FROM {schema}.catalog_item item
CROSS JOIN LATERAL (
    SELECT min(event.occurred_at) AS met_at FROM {schema}.catalog_interaction event WHERE event.item_id = item.id
) AS first
WHERE item.created_at >= {moment} AND (item.published_at IS NULL OR item.published_at >= {moment})
  AND (first.met_at IS NULL OR first.met_at >= {moment});
CREATE UNIQUE INDEX ON evaluation_newcomer (id);
ANALYZE evaluation_newcomer;
CREATE TEMP VIEW catalog_item AS SELECT * FROM {schema}.catalog_item item
WHERE NOT EXISTS (
    SELECT FROM evaluation_newcomer newcomer
    WHERE newcomer.id = item.id AND newcomer.known_at >= (SELECT moment FROM evaluation_clock)
);
CREATE TEMP VIEW catalog_interaction AS SELECT * FROM {schema}.catalog_interaction
WHERE occurred_at < (SELECT moment FROM evaluation_clock);
"""
_EMPTY = """
CREATE TEMP TABLE catalog_userhistory (LIKE {schema}.catalog_userhistory INCLUDING ALL);
CREATE TEMP TABLE retrieval_toplist (LIKE {schema}.retrieval_toplist INCLUDING ALL);
CREATE TEMP TABLE coldstart_demographiccell (LIKE {schema}.coldstart_demographiccell INCLUDING ALL)
"""
_GONE = """
DROP VIEW IF EXISTS pg_temp.catalog_item, pg_temp.catalog_interaction;
DROP TABLE IF EXISTS pg_temp.catalog_userhistory, pg_temp.retrieval_toplist, pg_temp.evaluation_newcomer,
    pg_temp.evaluation_clock, pg_temp.evaluation_held_out, pg_temp.coldstart_demographiccell
"""
_HISTORIES = "SELECT user_id, events FROM {schema}.catalog_userhistory WHERE user_id = ANY(%s)"
_KEEP = """
INSERT INTO pg_temp.catalog_userhistory (user_id, version, event_count, events) VALUES (%s, 1, %s, %s)
ON CONFLICT (user_id) DO UPDATE
SET version = catalog_userhistory.version + 1, event_count = excluded.event_count, events = excluded.events
"""
_USERS_AT_ONCE = 500


class PastUnavailable(RetrievalError):
    """Another process makes the same lists right now; try again in a minute."""


@dataclass(frozen=True, slots=True)
class Past:
    """A past that a clock can move forward in."""

    schema: sql.Identifier

    def move_to(self, moment: dt.datetime) -> None:
        """Events and items before `moment` are there. Histories, lists and trending stay until they are made anew."""
        with cursor() as raw:
            raw.execute("UPDATE pg_temp.evaluation_clock SET moment = %s", [moment])

    def real(self, statement: LiteralString) -> sql.Composed:
        """The statement with `{schema}` before the names of real tables."""
        return sql.SQL(statement).format(schema=self.schema)

    def keep_history(self, user_id: int, *, before: dt.datetime) -> None:
        """The user's history, as it was then."""
        with transaction.atomic(), cursor() as raw:
            keep_histories_of(raw, self.schema, _before(before), [user_id])


@contextmanager
def as_of(moment: dt.datetime, user_ids: Iterable[int]) -> Iterator[Past]:
    """Within the block this process finds the catalogue of `moment`: events and items end there, so do the histories of
    these users (others have none); trending and top lists are made anew of what came before. Raises PastUnavailable.

    What has no date is as it is now: follows, blocks, profiles, what items say of themselves.
    """
    schema = current_schema()
    with shadowed(sql.SQL(_SHADOWS).format(schema=schema, moment=sql.Literal(moment)), schema, moment):
        with transaction.atomic(), cursor() as raw:
            keep_histories_of(raw, schema, _before(moment), user_ids)
        make_lists(moment)
        yield Past(schema)


def make_lists(moment: dt.datetime) -> None:
    """Top lists, trending and what people alike like of what is there. Raises PastUnavailable."""
    made = [rebuild(moment) for rebuild in (toplists.rebuild, trending.rebuild, demographics.rebuild)]
    if None in made:
        raise PastUnavailable("Another process is making the lists: try again in a minute.")


def newcomers() -> set[int]:
    """Within `as_of`: the items that are not there yet."""
    with cursor() as raw:
        rows = raw.execute(
            "SELECT id FROM pg_temp.evaluation_newcomer "
            "WHERE known_at >= (SELECT moment FROM pg_temp.evaluation_clock)"
        )
        return {item_id for (item_id,) in rows}


def forget_the_present() -> None:
    """What this process keeps is of another moment."""
    trending.forget_copy()
    toplists.forget_kept()
    forget_facts()
    forget_catalogue()
    forget_cells()


@contextmanager
def shadowed(views: sql.Composed, schema: sql.Identifier, moment: dt.datetime) -> Iterator[None]:
    """The session's own tables and views, and keys of its own in Valkey, for as long as the block lasts."""
    apart = {
        "redis_key_prefix": f"{config().redis_key_prefix}as-of-{moment.timestamp():.0f}:",
        "redis_timeout_ms": 5_000,
        # The session is Django's: what the requests read must come through it.
        "hot_pool_size": 0,
        "source_threads": 0,
    }
    with overridden(**apart):
        try:
            with transaction.atomic(), cursor() as raw:
                # To drop anything also makes the session forget statements that it prepared on the real tables.
                raw.execute(_GONE)
                raw.execute(views)
                raw.execute(sql.SQL(_EMPTY).format(schema=schema))
            forget_the_present()
            yield
        finally:
            with transaction.atomic(), cursor() as raw:
                raw.execute(_GONE)
            _forget_trending()


def current_schema() -> sql.Identifier:
    with cursor() as raw:
        row = raw.execute("SELECT current_schema()").fetchone()
        return sql.Identifier(row[0] if row else "public")


def _before(moment: dt.datetime) -> Callable[[int, History], History]:
    # A history knows whole seconds: of the moment's own one nothing may be told.
    moment_s = int(moment.timestamp())
    return lambda _user_id, history: history[history["occurred_at_s"] < moment_s]


def keep_histories_of(
    raw: Cursor, schema: sql.Identifier, known: Callable[[int, History], History], user_ids: Iterable[int]
) -> None:
    """known: (user, her history of today) -> what of it is to be known."""
    remaining = iter(user_ids)
    while some := list(islice(remaining, _USERS_AT_ONCE)):
        rows = raw.execute(sql.SQL(_HISTORIES).format(schema=schema), [some]).fetchall()
        pasts = [(user_id, known(user_id, unpack_history(events))) for user_id, events in rows]
        raw.executemany(_KEEP, [(user_id, len(past), past.tobytes()) for user_id, past in pasts])


def _forget_trending() -> None:
    """Neither Valkey nor this process keeps anything of the past."""
    trending.forget_copy()
    with valkey.patient_client() as client:
        if keys := list(client.scan_iter(f"{valkey.key()}*", count=10_000)):
            client.unlink(*keys)
