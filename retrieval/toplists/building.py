"""Makes all lists anew on a schedule, inside Postgres, which sorts a catalogue of any size in bounded memory."""

from datetime import datetime

from retrieval.locks import sole_run, wait_for
from retrieval.popularity import fill_item_popularity
from retrieval.toplists.entering import AT_ONCE, enter
from retrieval.toplists.membership import LENGTHS, MEMBERS, ROWS_LOCK, place_items

_TIME_CONSTANT_S = 30 * 86_400.0

_TABLE = """
CREATE TEMP TABLE new_top_list (
    kind text, value text, item_ids bigint[], scores double precision[], PRIMARY KEY (kind, value)
) ON COMMIT DROP
"""
_RANK = """
INSERT INTO pg_temp.new_top_list
SELECT %(kind)s, value, array_agg(id ORDER BY place), array_agg(score ORDER BY place)
FROM (
    SELECT value, id, score, row_number() OVER (PARTITION BY value ORDER BY score DESC, id) AS place
    FROM ({members}) AS member
) AS ranked
WHERE place <= %(length)s GROUP BY value
"""
_STORE = """
INSERT INTO retrieval_toplist (kind, value, item_ids, scores, rebuilt_at)
SELECT kind, value, item_ids, scores, %(now)s FROM pg_temp.new_top_list ORDER BY kind, value
ON CONFLICT (kind, value) DO UPDATE
SET item_ids = excluded.item_ids, scores = excluded.scores, rebuilt_at = excluded.rebuilt_at
"""
_DROP_EMPTIED = """
DELETE FROM retrieval_toplist old WHERE NOT EXISTS (
    SELECT FROM pg_temp.new_top_list fresh WHERE fresh.kind = old.kind AND fresh.value = old.value
)
"""


def rebuild(now: datetime) -> int | None:
    """How many lists there are as of `now`, of all events up to then; None where another rebuild is running."""
    with sole_run("top lists") as raw:
        if raw is None:
            return None
        fill_item_popularity(
            raw,
            now=now,
            time_constant_s=_TIME_CONSTANT_S,
            window_s=12 * _TIME_CONSTANT_S,
            at_least=LENGTHS["all"],
        )
        place_items(raw, now=now, only=None)
        raw.execute("DROP TABLE IF EXISTS pg_temp.new_top_list")
        raw.execute(_TABLE)
        for kind, members in MEMBERS.items():
            raw.execute(_RANK.format(members=members), {"kind": kind, "length": LENGTHS[kind]})
        raw.execute("ANALYZE pg_temp.new_top_list")
        wait_for(raw, ROWS_LOCK)
        count = raw.execute(_STORE, {"now": now}).rowcount
        raw.execute(_DROP_EMPTIED)
        # What was written while this ran is in nobody's lists yet.
        raw.execute("SELECT id FROM catalog_item WHERE updated_at >= %s LIMIT %s", [now, AT_ONCE])
        enter(raw, [item_id for (item_id,) in raw], now)
        return count
