"""From impressions and events to what each exposed user did, and from there to sums per arm.

Users of whom something arrived since the last time are counted anew and whole: nothing is counted twice, however often
this runs, and an event may be late.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from catalog.sql import Cursor
from experiments.models import Watermark
from experiments.statistics import COLUMNS

PERIOD = timedelta(days=14)  # before the exposure, for the covariate
# A transaction may commit this much after the time that it wrote.
_LATE_COMMITS = timedelta(minutes=2)
_CREATE = """
CREATE TEMP TABLE IF NOT EXISTS counted_person
    (experiment_id bigint, user_id bigint, variant_id bigint, since timestamptz, until timestamptz)
ON COMMIT DELETE ROWS
"""
_TOUCHED = """
INSERT INTO counted_person
SELECT exposed.experiment_id, exposed.user_id, exposed.variant_id, exposed.exposed_at,
       coalesce(experiment.stopped_at, %(now)b::timestamptz + interval '1 hour')
FROM experiments_exposure AS exposed
JOIN experiments_experiment AS experiment ON experiment.id = exposed.experiment_id
WHERE exposed.experiment_id = ANY(%(experiments)b::bigint[]) AND (
    exposed.exposed_at > %(since)b::timestamptz
    OR exposed.user_id IN (SELECT user_id FROM coldstart_impression WHERE received_at > %(since)b::timestamptz)
    OR exposed.user_id IN (SELECT user_id FROM catalog_interaction WHERE received_at > %(since)b::timestamptz)
)
"""
# In the order of `COLUMNS`. An impression is clicked on once, however many clicks name it.
COUNTS = """
SELECT person.experiment_id, person.user_id, person.variant_id,
       ARRAY[shown.later, shown.clicked_later, done.likes_later, done.later,
             shown.before, shown.clicked_before, done.likes_before, done.before]::float8[] AS counts
FROM counted_person AS person
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE shown_at >= person.since) AS later,
           count(*) FILTER (WHERE shown_at < person.since) AS before,
           count(clicked.item_id) FILTER (WHERE shown_at >= person.since) AS clicked_later,
           count(clicked.item_id) FILTER (WHERE shown_at < person.since) AS clicked_before
    FROM coldstart_impression AS impression
    LEFT JOIN (
        SELECT DISTINCT event.request_id, event.item_id FROM catalog_interaction AS event
        WHERE event.user_id = person.user_id AND event.request_id <> ''
            AND event.occurred_at >= person.since - %(period)b::interval AND event.occurred_at < person.until
            AND event.type_id = (SELECT id FROM catalog_eventtype WHERE name = 'click')
    ) AS clicked USING (request_id, item_id)
    WHERE impression.user_id = person.user_id
        AND shown_at >= person.since - %(period)b::interval AND shown_at < person.until
) AS shown
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE occurred_at >= person.since) AS later,
           count(*) FILTER (WHERE occurred_at < person.since) AS before,
           count(*) FILTER (WHERE occurred_at >= person.since AND liked) AS likes_later,
           count(*) FILTER (WHERE occurred_at < person.since AND liked) AS likes_before
    FROM (
        SELECT occurred_at, type_id = (SELECT id FROM catalog_eventtype WHERE name = 'like') AS liked
        FROM catalog_interaction
        WHERE user_id = person.user_id
            AND occurred_at >= person.since - %(period)b::interval AND occurred_at < person.until
    ) AS event
) AS done
"""
_STORE = f"""
INSERT INTO experiments_outcome (experiment_id, user_id, variant_id, counts) {COUNTS}
ON CONFLICT (experiment_id, user_id) DO UPDATE SET counts = excluded.counts
WHERE experiments_outcome.counts IS DISTINCT FROM excluded.counts
"""
_WIDTH = len(COLUMNS)
_PAIRS = ", ".join(
    f"sum(counts[{i}] * counts[{j}])" for i in range(1, _WIDTH + 1) for j in range(1, _WIDTH + 1)
)
SUMS = f"""
count(*), ARRAY[{", ".join(f"sum(counts[{i}])" for i in range(1, _WIDTH + 1))}], ARRAY[{_PAIRS}]
"""
_TOTALS = f"""
INSERT INTO experiments_totals (variant_id, users, sums, products, coverage, gini, counted_at)
SELECT variant_id, {SUMS}, '{{}}', '{{}}', %(now)b::timestamptz
FROM experiments_outcome WHERE experiment_id = ANY(%(experiments)b::bigint[]) GROUP BY variant_id
ON CONFLICT (variant_id) DO UPDATE
SET users = excluded.users, sums = excluded.sums, products = excluded.products, counted_at = excluded.counted_at
"""  # noqa: S608


def begin(raw: Cursor) -> None:
    """The table of those who are counted, empty."""
    raw.execute(_CREATE)
    raw.execute("DELETE FROM counted_person")


def count_arrivals(raw: Cursor, experiments: Sequence[int], now: datetime) -> int:
    """Brings the outcomes and totals of these experiments up to `now`. How many users were counted."""
    mark = Watermark.objects.first()
    since = mark.counted_until - _LATE_COMMITS if mark else now - timedelta(days=36_500)
    begin(raw)
    values = {"experiments": list(experiments), "now": now, "since": since, "period": PERIOD}
    counted = raw.execute(_TOUCHED, values).rowcount
    raw.execute("ANALYZE counted_person")
    raw.execute(_STORE, {"period": PERIOD})
    raw.execute(_TOTALS, {"experiments": list(experiments), "now": now})
    Watermark.objects.update_or_create(id=1, defaults={"counted_until": now})
    return counted
