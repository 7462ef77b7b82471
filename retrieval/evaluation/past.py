"""The catalogue as it was at a past moment, for one database session: the real request path, asked then.

Temporary views and tables of the same names come before the real ones in a session's search path. So everything that
this process reads is as of that moment, while nothing that is real is written or locked.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from django.db import transaction
from psycopg import sql

from catalog.history import unpack_history
from catalog.sql import Cursor, cursor
from coldstart import demographics
from retrieval import toplists, trending, valkey
from retrieval.config import config, overridden
from retrieval.facts import forget_facts
from retrieval.sources.demographic import forget_cells
from retrieval.sources.explore import forget_catalogue
from retrieval.types import RetrievalError

# What came later is not there: events, and items that were neither published, nor in the catalogue, nor met.
_SHADOWS = """
CREATE TEMP TABLE evaluation_newcomer AS
SELECT item.id FROM {schema}.catalog_item item
WHERE item.created_at >= {moment} AND (item.published_at IS NULL OR item.published_at >= {moment})
  AND NOT EXISTS (
    SELECT FROM {schema}.catalog_interaction event WHERE event.item_id = item.id AND event.occurred_at < {moment}
  );
CREATE UNIQUE INDEX ON evaluation_newcomer (id);
ANALYZE evaluation_newcomer;
CREATE TEMP VIEW catalog_item AS SELECT * FROM {schema}.catalog_item item
WHERE NOT EXISTS (SELECT FROM evaluation_newcomer newcomer WHERE newcomer.id = item.id);
CREATE TEMP VIEW catalog_interaction AS SELECT * FROM {schema}.catalog_interaction WHERE occurred_at < {moment};
CREATE TEMP TABLE catalog_userhistory (LIKE {schema}.catalog_userhistory INCLUDING ALL);
CREATE TEMP TABLE retrieval_toplist (LIKE {schema}.retrieval_toplist INCLUDING ALL);
CREATE TEMP TABLE coldstart_demographiccell (LIKE {schema}.coldstart_demographiccell INCLUDING ALL)
"""
_GONE = """
DROP VIEW IF EXISTS pg_temp.catalog_item, pg_temp.catalog_interaction;
DROP TABLE IF EXISTS pg_temp.catalog_userhistory, pg_temp.retrieval_toplist, pg_temp.coldstart_demographiccell,
    pg_temp.evaluation_newcomer
"""
_HISTORIES = "SELECT user_id, events FROM {schema}.catalog_userhistory WHERE user_id = ANY(%s)"
_KEEP = (
    "INSERT INTO pg_temp.catalog_userhistory (user_id, version, event_count, events) VALUES (%s, 1, %s, %s)"
)
_USERS_AT_ONCE = 500


class PastUnavailable(RetrievalError):
    """Another process makes the same lists right now; try again in a minute."""


@contextmanager
def as_of(moment: dt.datetime, user_ids: Iterable[int]) -> Iterator[None]:
    """Within the block this process finds the catalogue of `moment`: events and items end there, so do the histories of
    these users (others have none); trending and top lists are made anew of what came before. Raises PastUnavailable.

    What has no date is as it is now: follows, blocks, profiles, what items say of themselves.
    """
    schema = _schema()
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
                raw.execute(sql.SQL(_SHADOWS).format(schema=schema, moment=sql.Literal(moment)))
                _keep_histories(raw, schema, moment, user_ids)
            _forget_the_present()
            made = [rebuild(moment) for rebuild in (toplists.rebuild, trending.rebuild, demographics.rebuild)]
            if None in made:
                raise PastUnavailable("Another process is making the lists: try again in a minute.")
            yield
        finally:
            with transaction.atomic(), cursor() as raw:
                raw.execute(_GONE)
            _forget_trending()


def _forget_the_present() -> None:
    """What this process keeps is of another moment."""
    trending.forget_copy()
    toplists.forget_kept()
    forget_facts()
    forget_catalogue()
    forget_cells()


def newcomers() -> set[int]:
    """Within `as_of`: the items that were not there yet."""
    with cursor() as raw:
        return {item_id for (item_id,) in raw.execute("SELECT id FROM pg_temp.evaluation_newcomer")}


def _schema() -> sql.Identifier:
    with cursor() as raw:
        row = raw.execute("SELECT current_schema()").fetchone()
        return sql.Identifier(row[0] if row else "public")


def _keep_histories(
    raw: Cursor, schema: sql.Identifier, moment: dt.datetime, user_ids: Iterable[int]
) -> None:
    moment_s = moment.timestamp()
    remaining = iter(user_ids)
    while some := list(islice(remaining, _USERS_AT_ONCE)):
        rows = raw.execute(sql.SQL(_HISTORIES).format(schema=schema), [some]).fetchall()
        pasts = ((user_id, unpack_history(events)) for user_id, events in rows)
        kept = ((user_id, history[history["occurred_at_s"] < moment_s]) for user_id, history in pasts)
        raw.executemany(_KEEP, [(user_id, len(past), past.tobytes()) for user_id, past in kept])


def _forget_trending() -> None:
    """Neither Valkey nor this process keeps anything of the past."""
    trending.forget_copy()
    with valkey.patient_client() as client:
        if keys := list(client.scan_iter(f"{valkey.key()}*", count=10_000)):
            client.unlink(*keys)
