"""Makes all cells anew on a schedule: counted inside Postgres, shrunk in numpy."""

from datetime import datetime

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from catalog.sql import Cursor, cursor
from coldstart.config import newcomers
from coldstart.demographics.cells import EVERYBODY, Cell, Counts, Shares, ancestors, shrunk
from coldstart.likes import fill_recent_likes

LENGTH = 500  # items kept of a cell
_LOCK = 7_180_017

# The finest cells, numbered, and each person's: what is counted once there is summed up to the coarser ones in numpy.
# To count everybody in all eight of their cells took five times as long.
_CELLS = """
CREATE TEMP TABLE finest_cell ON COMMIT DROP AS
SELECT row_number() OVER ()::int AS cell, age_group, location, language, count(*) AS users
FROM (SELECT DISTINCT user_id FROM recent_like) liked JOIN catalog_user person ON person.id = liked.user_id
GROUP BY age_group, location, language
"""
_PEOPLE = """
CREATE TEMP TABLE cell_person ON COMMIT DROP AS
SELECT person.id AS user_id, cell
FROM (SELECT DISTINCT user_id FROM recent_like) liked JOIN catalog_user person ON person.id = liked.user_id
JOIN finest_cell USING (age_group, location, language)
"""
_USERS = "SELECT cell, users, age_group, location, language FROM finest_cell"
_LIKES = """
SELECT cell, array_agg(item_id), array_agg(likes) FROM (
    SELECT cell, item_id, count(*) AS likes
    FROM cell_person JOIN recent_like USING (user_id) JOIN liked_item USING (item_id)
    GROUP BY cell, item_id
) AS counted GROUP BY cell
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
        raw.execute("DROP TABLE IF EXISTS pg_temp.cell_person, pg_temp.finest_cell")
        raw.execute(_CELLS)
        raw.execute(_PEOPLE)
        # Nobody else does it for a temporary table, and without it the joins are planned for a hundredth of the rows.
        raw.execute("ANALYZE finest_cell, cell_person")
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
    """Of every cell that somebody is in, and of everybody."""
    likes = {cell: (ids, counts) for cell, ids, counts in raw.execute(_LIKES).fetchall()}
    users: dict[Cell, int] = {EVERYBODY: 0}
    rows: dict[Cell, Shares] = {EVERYBODY: np.zeros(len(items))}
    for number, people, *names in raw.execute(_USERS).fetchall():
        ids, counts = likes.get(number, ([], []))
        places = np.searchsorted(items, ids)
        for cell in ancestors(Cell(*names)):
            users[cell] = users.get(cell, 0) + people
            rows.setdefault(cell, np.zeros(len(items)))[places] += counts
    return {cell: Counts(users[cell], row) for cell, row in rows.items()}


def _best(
    items: NDArray[np.int64],
    shares: Shares,
) -> tuple[list[int], list[float]]:
    best = np.argsort(-shares, kind="stable")[:LENGTH]
    best = best[shares[best] > 0]
    return items[best].tolist(), shares[best].tolist()
