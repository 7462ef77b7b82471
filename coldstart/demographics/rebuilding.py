"""Makes all cells anew on a schedule: counted inside Postgres, shrunk in numpy."""

from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.sql import Cursor, cursor
from coldstart.config import newcomers
from coldstart.demographics.cells import EVERYBODY, Cell, Counts, Shares, shrunk
from coldstart.likes import fill_recent_likes

LENGTH = 500  # items kept of a cell
_LOCK = 7_180_017

# One row for each cell that a person is in; whose location is unknown is in no location's cell.
_PEOPLE = """
CREATE TEMP TABLE cell_person ON COMMIT DROP AS
SELECT person.id AS user_id, age_group.value AS age_group, location.value AS location, language.value AS language
FROM (SELECT DISTINCT user_id FROM recent_like) liked JOIN catalog_user person ON person.id = liked.user_id
CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY['', person.age_group]) AS value) age_group
CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY['', person.location]) AS value) location
CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY['', person.language]) AS value) language
"""
_USERS = "SELECT age_group, location, language, count(*) FROM cell_person GROUP BY 1, 2, 3"
_LIKES = """
SELECT age_group, location, language, array_agg(item_id), array_agg(likes) FROM (
    SELECT age_group, location, language, item_id, count(*) AS likes
    FROM cell_person JOIN recent_like USING (user_id) JOIN liked_item USING (item_id)
    GROUP BY 1, 2, 3, 4
) AS counted GROUP BY 1, 2, 3
"""
_STORE = """
INSERT INTO coldstart_demographiccell (age_group, location, language, users, item_ids, shares, rebuilt_at)
VALUES (%s, %s, %s, %s, %s::bigint[], %s::float8[], %s)
"""


def rebuild(now: datetime) -> int | None:
    """How many cells there are as of `now`, of what people liked up to then; None where another rebuild runs."""
    with transaction.atomic(), cursor() as raw:
        (mine,) = raw.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone() or (False,)
        if not mine:
            return None
        fill_recent_likes(raw, now=now, window_s=newcomers().demographic_window_s)
        items = np.array(
            [item_id for (item_id,) in raw.execute("SELECT item_id FROM liked_item ORDER BY 1")], np.int64
        )
        raw.execute("DROP TABLE IF EXISTS pg_temp.cell_person")
        raw.execute(_PEOPLE)
        counts = _counts(raw, items)
        shares = shrunk(
            counts,
            least_users=newcomers().demographic_least_users,
            prior_users=newcomers().demographic_prior_users,
        )
        raw.execute("DELETE FROM coldstart_demographiccell")
        rows = [(*cell, counts[cell].users, *_best(items, of_cell), now) for cell, of_cell in shares.items()]
        raw.executemany(_STORE, rows)
        return len(rows)


def _counts(raw: Cursor, items: NDArray[np.int64]) -> dict[Cell, Counts]:
    users = {Cell(*names): count for *names, count in raw.execute(_USERS).fetchall()}
    counts: dict[Cell, Counts] = {}
    for *names, item_ids, likes in raw.execute(_LIKES).fetchall():
        row = np.zeros(len(items))
        row[np.searchsorted(items, item_ids)] = likes
        counts[Cell(*names)] = Counts(users[Cell(*names)], row)
    counts.setdefault(EVERYBODY, Counts(0, np.zeros(len(items))))
    return counts


def _best(
    items: NDArray[np.int64],
    shares: Shares,
) -> tuple[list[int], list[float]]:
    best = np.argsort(-shares, kind="stable")[:LENGTH]
    best = best[shares[best] > 0]
    return items[best].tolist(), shares[best].tolist()
