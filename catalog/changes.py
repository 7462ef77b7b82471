"""Which items changed since a moment: exact, however the transactions that changed them overlap.

A reader keeps the snapshot of its last look. What it has not seen is what transactions wrote that were unfinished
then: those numbered from its xmax on, and those it lists as running. Numbers are given out in another order than
that of commits, which is why no single number could be the mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.sql import Cursor, cursor

MOST_CHANGES = 10_000  # of more, some are missing from what a reader is told
EVERYTHING = 0  # among the ids: more changed than is worth naming
# Below 0 is an item, negated, whose facts are as they were: lists that hold it are to be made anew.
ALL_LISTS = -(2**63) + 1  # among the ids: every list is to be made anew

# Three columns for a reader's own statement. Parameter `seen`: the text of a snapshot, NULL for none.
# 1. The statement's snapshot, for the next time. 2. Whether changes may be missing from the third, so that nothing
# known before counts: without a snapshot, where the log was pruned past it, and on a standby, whose snapshots don't
# list what runs. 3. bigint[]: the items that changed since.
CHANGES_SINCE = """
pg_current_snapshot()::text,
%(seen)s::text IS NULL OR pg_is_in_recovery() OR EXISTS (
    SELECT FROM catalog_itemchangepruning
    WHERE pruned_before > pg_snapshot_xmin(%(seen)s::text::pg_snapshot)
),
CASE WHEN EXISTS (
    -- One look where nothing is new: both kinds below are numbered from the snapshot's xmin on.
    SELECT FROM catalog_itemchange WHERE xid >= pg_snapshot_xmin(%(seen)s::text::pg_snapshot)
) THEN ARRAY(
    SELECT item_id FROM (
        SELECT item_ids FROM catalog_itemchange WHERE xid >= pg_snapshot_xmax(%(seen)s::text::pg_snapshot)
        UNION ALL
        SELECT item_ids FROM catalog_itemchange
        WHERE xid = ANY(ARRAY(SELECT pg_snapshot_xip(%(seen)s::text::pg_snapshot)))
    ) AS change
    CROSS JOIN LATERAL unnest(coalesce(item_ids, '{0}')) AS item_id
    LIMIT 10001
) ELSE '{}' END
"""

# Two columns, with the same parameter: whether requests to make lists anew may be missing from the second; these
# requests since the snapshot.
DISTRUSTED_SINCE = """
%(seen)s::text IS NULL OR pg_is_in_recovery() OR EXISTS (
    SELECT FROM catalog_itemchangepruning
    WHERE pruned_before > pg_snapshot_xmin(%(seen)s::text::pg_snapshot)
),
ARRAY(
    SELECT item_id FROM catalog_itemchange CROSS JOIN LATERAL unnest(item_ids) AS item_id
    WHERE item_id < 0 AND NOT pg_visible_in_snapshot(xid, %(seen)s::text::pg_snapshot)
)
"""

# What had committed before the last time: everybody who looked since then has seen it. And what is numbered like
# transactions to come: a dump brought it from another server.
_PRUNE = """
WITH moved AS (
    UPDATE catalog_itemchangepruning
    SET pruned_before = least(next_before, pg_snapshot_xmin(pg_current_snapshot())),
        next_before = pg_snapshot_xmin(pg_current_snapshot())
    RETURNING pruned_before
)
DELETE FROM catalog_itemchange USING moved
WHERE xid < moved.pruned_before OR xid >= pg_snapshot_xmax(pg_current_snapshot())
"""


def prune_changes() -> int:
    """Removes what is older than the last call; returns how many entries. Who has not looked since then reads
    everything anew."""
    with cursor() as raw:
        return raw.execute(_PRUNE).rowcount


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What had committed at a moment: transactions below `xmax` that are not among `running`."""

    xmax: int
    running: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "Snapshot":
        """Postgres' own notation, `xmin:xmax:xip,…`. Raises ValueError for anything else."""
        xmin, xmax, running = text.split(":")
        int(xmin)
        return cls(int(xmax), frozenset(map(int, running.split(","))) if running else frozenset())

    def sees_all_of(self, earlier: "Snapshot") -> bool:
        """Whether everything that had committed for `earlier` had for this one. Of two snapshots of one primary,
        one always sees all of the other."""
        begun_since = range(self.xmax, earlier.xmax)
        return len(begun_since) <= len(earlier.running) and all(
            xid in earlier.running or xid >= earlier.xmax for xid in (*begun_since, *self.running)
        )


@lru_cache(maxsize=1024)
def snapshot_of(text: str) -> Snapshot:
    """`Snapshot.of`; the same few texts come again and again."""
    return Snapshot.of(text)


def distrust_lists(raw: Cursor, item_ids: Sequence[int] | None) -> None:
    """Says in the log that lists which hold one of the items are to be made anew; None: all lists."""
    negated = [ALL_LISTS] if item_ids is None else [-item_id for item_id in item_ids]
    raw.execute("INSERT INTO catalog_itemchange (item_ids) VALUES (%b::bigint[])", [negated])
