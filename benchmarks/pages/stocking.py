"""What a large catalogue has besides itself: ten million events, what people were shown, months of roll-ups, an
experiment under way. Made in Postgres from what the bench's database holds, so that it takes minutes:
`python -m benchmarks.pages.stocking`, in the environment of `stores`."""

import os
from datetime import UTC, datetime, timedelta

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.utils import CursorWrapper  # noqa: E402

from catalog.partitions import ensure_partitions_for  # noqa: E402
from coldstart.impressions import IMPRESSIONS  # noqa: E402
from experiments.exposing import GROUPS  # noqa: E402
from experiments.models import Experiment, Totals, Traffic  # noqa: E402
from experiments.opening import Opening, open_experiment  # noqa: E402
from experiments.statistics import COLUMNS  # noqa: E402
from retrieval.models import MixRevision  # noqa: E402
from retrieval.rollups import sum_requests  # noqa: E402
from retrieval.tally.histogram import BUCKETS  # noqa: E402

EVENTS = 10_000_000
# Every event again, by somebody else and two weeks earlier each time, until there are enough.
_EVENTS = """
INSERT INTO catalog_interaction
    (event_id, user_id, item_id, type_id, value, dwell_s, occurred_at, received_at, surface, request_id)
SELECT event_id || '-' || %(copy)s, 1 + (user_id * 7919 + %(copy)s) %% %(users)s, item_id, type_id, value, dwell_s,
    occurred_at - %(copy)s * interval '14 days', received_at - %(copy)s * interval '14 days', surface, request_id
FROM catalog_interaction WHERE event_id NOT LIKE '%%-%%' LIMIT %(most)s
"""
_IMPRESSIONS = """
INSERT INTO coldstart_impression
    (user_id, request_id, item_id, shown_at, received_at, position, source, propensity, explored, surface)
SELECT user_id, 'r' || user_id || '-' || occurred_at::date, item_id, occurred_at - interval '1 minute',
    occurred_at - interval '1 minute', 1 + row_number() OVER (PARTITION BY user_id, occurred_at::date),
    (ARRAY['collaborative', 'content', 'social', 'trending', 'exploration'])[1 + item_id %% 5],
    CASE WHEN item_id %% 5 = 4 THEN 0.1 END, item_id %% 5 = 4, (ARRAY['', 'home', 'similar'])[1 + user_id %% 3]
FROM catalog_interaction WHERE occurred_at >= %(since)s AND event_id NOT LIKE '%%-%%'
ON CONFLICT DO NOTHING
"""
_HOURS = "generate_series(%(now)s - interval '90 days', %(now)s, interval '1 hour') AS hour"
_DAYS = "generate_series(%(now)s::date - 90, %(now)s::date - 1, interval '1 day') AS day"
_SOURCES = (
    "unnest(ARRAY['collaborative', 'content', 'social', 'trending', 'exploration', 'co_engagement', 'fresh',"
    " 'rising']) AS source"
)
_SURFACES = "unnest(ARRAY['', 'home', 'similar', 'sessions']) AS surface"
_SLICES = (
    "(SELECT NULL AS id UNION ALL SELECT id FROM experiments_variant) AS variant,"
    " unnest(ARRAY[NULL, '', 'home', 'similar', 'sessions']) AS surface, unnest(ARRAY[NULL, true, false]) AS newcomer"
)
_OUTCOMES = "900 + random() * 200, 90 + random() * 20, 40, 5, 120, 80, 2400"
_ROLLUPS = (
    f"""INSERT INTO retrieval_sourcehour
        (hour, source, newcomer, surface, impressions, clicks, likes, shares, engaged, dwells, dwell_s)
        SELECT date_trunc('hour', hour), source, newcomer, surface, {_OUTCOMES}
        FROM {_HOURS}, {_SOURCES}, unnest(ARRAY[true, false]) AS newcomer, {_SURFACES}""",
    f"""INSERT INTO retrieval_armhour
        (hour, variant_id, source, newcomer, surface, impressions, clicks, likes, shares, engaged, dwells, dwell_s)
        SELECT date_trunc('hour', hour), variant.id, source, newcomer, surface, {_OUTCOMES}
        FROM {_HOURS}, experiments_variant AS variant, {_SOURCES}, unnest(ARRAY[true, false]) AS newcomer, {_SURFACES}
        WHERE hour > %(now)s - interval '30 days'""",
    f"""INSERT INTO retrieval_sourceday (day, source, items, sole_items, sole_impressions, sole_engaged)
        SELECT day, source, 40000, 9000, 20000, 1500 FROM {_DAYS}, {_SOURCES}""",
    f"""INSERT INTO retrieval_daytotals
        (day, active_users, shown_users, impressions, items, creators, new_items, gini, monthly_users, sessions,
         session_s, diversity, novelty, catalogue_items, catalogue_creators, counted_at)
        SELECT day, 30000, 28000, 1500000, 300000, 40000, 90000, 0.6, 80000, 45000, 9000000, 0.7, 9, 1000000, 50000,
         %(now)s FROM {_DAYS}""",
    f"""INSERT INTO retrieval_answerhour (hour, surface, level, answers, short, degraded, ms_counts)
        SELECT date_trunc('hour', hour), surface, level, 1000 + random() * 500, 3, 1,
            array_fill((5 + random() * 10)::bigint, ARRAY[%(buckets)s])
        FROM {_HOURS}, {_SURFACES}, unnest(ARRAY['ready', 'L1', 'L3', 'none']) AS level""",
    f"""INSERT INTO retrieval_armanswerhour
        (hour, variant_id, surface, level, answers, short, degraded, ms_counts)
        SELECT date_trunc('hour', hour), variant.id, surface, level, 1000 + random() * 500, 3, 1,
            array_fill((5 + random() * 10)::bigint, ARRAY[%(buckets)s])
        FROM {_HOURS}, experiments_variant AS variant, {_SURFACES}, unnest(ARRAY['ready', 'L1', 'L3', 'none']) AS level
        WHERE hour > %(now)s - interval '30 days'""",
    """INSERT INTO retrieval_armanswers (variant_id, level, answers, short, degraded, ms_counts)
        SELECT variant_id, level, sum(answers), 3, 1, array_fill(9::bigint, ARRAY[%(buckets)s])
        FROM retrieval_armanswerhour GROUP BY 1, 2""",
    f"""INSERT INTO retrieval_cachehour (hour, surface, level, hits, misses, errors)
        SELECT date_trunc('hour', hour), surface, level, 1000 + random() * 500, 300, 1
        FROM {_HOURS}, {_SURFACES}, unnest(ARRAY['ready', 'L1', 'L2', 'L3']) AS level""",
    f"""INSERT INTO retrieval_catalogueslice (day, variant_id, surface, newcomer, shown_users, impressions, items,
         creators, new_items, gini, diversity, novelty)
        SELECT day, variant.id, surface, newcomer, 9000, 500000, 90000, 9000, 30000, 0.6, 0.7, 9
        FROM {_DAYS}, {_SLICES}""",
    f"""INSERT INTO retrieval_audienceslice (day, variant_id, surface, newcomer, active_users, weekly_users,
         monthly_users, sessions, session_s)
        SELECT day, variant.id, surface, newcomer, 9000, 20000, 30000, 15000, 3000000 FROM {_DAYS}, {_SLICES}""",
    f"""INSERT INTO retrieval_sourcework (hour, source, calls, failed, ms, candidates, sole)
        SELECT date_trunc('hour', hour), source, 1000, 2, 9000, 100000, 30000 FROM {_HOURS}, {_SOURCES}""",
    """INSERT INTO retrieval_requestslot
        (start, served, degraded, refused, limited, shed, failed, timed, slow)
        SELECT start, 30000, 200, 100, 10, 5, 5, 20000, 100
        FROM generate_series(date_trunc('day', %(now)s) - interval '40 days', %(now)s, '5 minutes') AS start""",
)
_TRIALS = """
WITH trial AS (
    INSERT INTO coldstart_trial (item_id, state, share, periods, entered_at, began_at, period_began_at, changed_at,
        exposures, engagements, alpha, beta)
    SELECT id, (ARRAY['new', 'exploring', 'graduated', 'retired'])[1 + id % 4], 0.1, 3,
        now() - id * interval '1 minute', now(), now(), now() - id * interval '1 minute', 500, 20, 21, 481
    FROM catalog_item WHERE id <= 100000 ON CONFLICT DO NOTHING RETURNING item_id, changed_at
)
INSERT INTO coldstart_trialchange (trial_id, at, state, share, exposures, engagements, why)
SELECT item_id, changed_at - step * interval '1 hour', 'exploring', 0.1, 100 * step, 4 * step, 'It holds its own.'
FROM trial, generate_series(1, 3) AS step
"""
_EXPOSURES = """
INSERT INTO experiments_exposure (experiment_id, user_id, variant_id, exposed_at)
SELECT %(experiment)s, person.id, variant.id, now() - person.id * interval '10 seconds'
FROM catalog_user AS person JOIN (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM experiments_variant
    WHERE experiment_id = %(experiment)s
) AS variant ON variant.place = person.id %% 2
ON CONFLICT DO NOTHING
"""


def stock() -> None:
    """Into the database of the settings, which is a copy of the bench's."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        _events(cursor)
        cursor.execute(_TRIALS)
        _first, second = MixRevision.objects.order_by("number").values_list("number", flat=True)[:2]
        opening = Opening("a-draft", "default", "mixes", second, 50_000, 5_000)
        experiment = open_experiment(opening, by="bench", why="To have one under way.", now=now)
        cursor.execute(_EXPOSURES, {"experiment": experiment.pk})
        for statement in _ROLLUPS:
            # What the bench itself has counted stays.
            cursor.execute(f"{statement} ON CONFLICT DO NOTHING", {"now": now, "buckets": BUCKETS})
    sum_requests(now)
    _totals(experiment, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE, PARALLEL 0)")


def _events(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT count(*), min(occurred_at), max(occurred_at) FROM catalog_interaction")
    there, oldest, newest = cursor.fetchone()
    copies = -(-(EVENTS - there) // there)
    weeks = int((newest - oldest).days / 7) + 2 * copies + 2
    ensure_partitions_for(newest - timedelta(weeks=back) for back in range(weeks))
    ensure_partitions_for((newest - timedelta(weeks=back) for back in range(10)), of=IMPRESSIONS)
    cursor.execute(_IMPRESSIONS, {"since": newest - timedelta(days=30)})
    cursor.execute("SELECT max(id) FROM catalog_user")
    [users] = cursor.fetchone()
    for copy in range(1, copies + 1):
        most = min(there, EVENTS - there * copy)
        cursor.execute(_EVENTS, {"copy": copy, "users": users, "most": most})


def _totals(experiment: Experiment, now: datetime) -> None:
    """Of each arm, as its thousand people drawn here stood for fifty each."""
    chance = np.random.default_rng(1)
    for variant in experiment.variants.all():
        counts = chance.poisson(3.0, (1_000, len(COLUMNS))).astype(np.float64)
        Totals.objects.create(
            variant=variant,
            users=50_000,
            sums=(50 * counts.sum(axis=0)).tolist(),
            products=(50 * counts.T @ counts).ravel().tolist(),
            coverage=[0.3] * 20,
            gini=[0.6] * 20,
            counted_at=now,
        )
        Traffic.objects.bulk_create(
            Traffic(variant=variant, user_group=group, answers=2_000, ms=40_000.0, short=5)
            for group in range(GROUPS)
        )


if __name__ == "__main__":
    stock()
