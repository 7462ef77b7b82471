"""From impressions and events to exposures and engagements per item, hour and segment.

Only what arrived since the last time is looked at, but the cells it touches are counted anew and whole. So nothing is
counted twice, whatever is looked at again, and an event may be as late as it likes.
"""

from datetime import datetime, timedelta

from psycopg import sql

from catalog.sql import Cursor
from coldstart.exploration.config import ExplorationConfig
from coldstart.ledger.attribution import ENGAGED

# A transaction may commit this much after the time that it wrote.
_LATE_COMMITS = timedelta(minutes=2)
_FIRST_LOOK = timedelta(days=30)
ALL = timedelta(days=36_500)

_COUNTED_UNTIL = "SELECT counted_until FROM coldstart_rollup"
_REMEMBER = """
INSERT INTO coldstart_rollup (id, counted_until) VALUES (1, %s)
ON CONFLICT (id) DO UPDATE SET counted_until = excluded.counted_until
"""
_TOUCHED = """
INSERT INTO touched_cell
SELECT item_id, date_trunc('hour', shown_at, 'UTC') AS hour FROM coldstart_impression
WHERE explored AND received_at > %(since)s
UNION
SELECT shown.item_id, date_trunc('hour', shown.shown_at, 'UTC')
FROM catalog_interaction AS event
JOIN coldstart_impression AS shown
    ON shown.user_id = event.user_id AND shown.request_id = event.request_id AND shown.item_id = event.item_id
    AND shown.explored
WHERE event.request_id <> '' AND event.received_at > %(since)s
"""
_FORGET = """
DELETE FROM coldstart_cell AS cell USING touched_cell AS touched
WHERE cell.item_id = touched.item_id AND cell.hour = touched.hour
"""
_COUNT = """
INSERT INTO coldstart_cell (item_id, hour, segment, exposures, engagements)
SELECT touched.item_id, touched.hour, {segment}, count(*), count(*) FILTER (WHERE {engaged})
FROM touched_cell AS touched
JOIN coldstart_impression AS shown
    ON shown.item_id = touched.item_id AND shown.explored
    AND shown.shown_at >= touched.hour AND shown.shown_at < touched.hour + interval '1 hour'
LEFT JOIN catalog_user AS person ON person.id = shown.user_id
GROUP BY 1, 2, 3
"""
# Only rows that differ are written: a version that moves makes every process read anew.
_SUM_UP = """
UPDATE coldstart_trial AS trial
SET exposures = counted.exposures, engagements = counted.engagements, changed_at = %(now)s,
    alpha = %(alpha)s + counted.engagements, beta = %(beta)s + counted.exposures - counted.engagements
FROM (
    SELECT item_id, coalesce(sum(exposures), 0)::bigint AS exposures,
           coalesce(sum(engagements), 0)::bigint AS engagements
    FROM coldstart_cell WHERE item_id IN (SELECT item_id FROM touched_cell) GROUP BY item_id
) AS counted
WHERE trial.item_id = counted.item_id
    AND (trial.exposures, trial.engagements) IS DISTINCT FROM (counted.exposures, counted.engagements)
RETURNING trial.item_id
"""


def count_arrivals(
    raw: Cursor, now: datetime, rules: ExplorationConfig, *, look_back: timedelta | None = None
) -> list[int]:
    """The items whose trials have other counts than before. `look_back`: from how far back, instead of since the
    last time."""
    stored = raw.execute(_COUNTED_UNTIL).fetchone()
    since = (stored[0] - _LATE_COMMITS) if stored else now - _FIRST_LOOK
    if look_back is not None:
        since = now - look_back
    raw.execute("DROP TABLE IF EXISTS pg_temp.touched_cell")
    raw.execute("CREATE TEMP TABLE touched_cell (item_id bigint, hour timestamptz) ON COMMIT DROP")
    raw.execute(_TOUCHED, {"since": since})
    raw.execute("ANALYZE touched_cell")
    raw.execute(_FORGET)
    segment: sql.Composable = sql.SQL("''")
    if rules.bandit_segment != "none":
        segment = sql.SQL("coalesce(person.{}, '')").format(sql.Identifier(rules.bandit_segment))
    raw.execute(
        sql.SQL(_COUNT).format(segment=segment, engaged=sql.SQL(ENGAGED)), {"weight": rules.engagement_weight}
    )
    values = {"now": now, "alpha": rules.prior_alpha, "beta": rules.prior_beta}
    changed = [item_id for (item_id,) in raw.execute(_SUM_UP, values)]
    raw.execute(_REMEMBER, [now])
    return changed
