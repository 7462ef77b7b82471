"""Which items changed since a moment: exact, however the transactions that changed them overlap.

A reader keeps the snapshot of its last look. What it has not seen is what transactions wrote that were unfinished
then: those numbered from its xmax on, and those it lists as running. Numbers are given out in another order than
that of commits, which is why no single number could be the mark.
"""

from catalog.sql import cursor

MOST_CHANGES = 10_000  # of more, some are missing from what a reader is told
EVERYTHING = 0  # among the ids: more changed than is worth naming

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
ARRAY(
    SELECT item_id FROM (
        SELECT item_ids FROM catalog_itemchange WHERE xid >= pg_snapshot_xmax(%(seen)s::text::pg_snapshot)
        UNION ALL
        SELECT item_ids FROM catalog_itemchange
        WHERE xid = ANY(ARRAY(SELECT pg_snapshot_xip(%(seen)s::text::pg_snapshot)))
    ) AS change
    CROSS JOIN LATERAL unnest(coalesce(item_ids, '{0}')) AS item_id
    LIMIT 10001
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
