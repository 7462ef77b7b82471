"""The SQL of the roll-ups. Days and hours are UTC's."""

# Arrivals are found by BRIN on `received_at`; clocks and late clicks by the impression that an event names.
QUEUE = """
INSERT INTO retrieval_pendingday (day, queued_at)
SELECT DISTINCT (moment AT TIME ZONE 'UTC')::date, %(now)b::timestamptz FROM (
    SELECT shown_at AS moment FROM coldstart_impression WHERE received_at > %(since)b::timestamptz
    UNION ALL
    SELECT occurred_at FROM catalog_interaction WHERE received_at > %(since)b::timestamptz
    UNION ALL
    SELECT shown.shown_at
    FROM catalog_interaction AS event
    JOIN coldstart_impression AS shown USING (user_id, request_id, item_id)
    WHERE event.request_id <> '' AND event.received_at > %(since)b::timestamptz
) AS arrived
WHERE moment > %(oldest)b::timestamptz AND moment <= %(now)b::timestamptz + interval '1 day'
ON CONFLICT (day) DO NOTHING
"""
TAKE = """
DELETE FROM retrieval_pendingday WHERE day IN (
    SELECT day FROM retrieval_pendingday ORDER BY queued_at, day DESC LIMIT %(days)b::bigint
) RETURNING day
"""
FORGET = (
    "DELETE FROM retrieval_sourcehour WHERE hour >= %(start)b::timestamptz AND hour < %(until)b::timestamptz",
    "DELETE FROM retrieval_armhour WHERE hour >= %(start)b::timestamptz AND hour < %(until)b::timestamptz",
    "DELETE FROM retrieval_sourceday WHERE day = %(day)b::date",
    "DELETE FROM retrieval_daytotals WHERE day = %(day)b::date",
)
_SUMS = """
count(*), count(*) FILTER (WHERE clicked), count(*) FILTER (WHERE liked), count(*) FILTER (WHERE shared),
count(*) FILTER (WHERE engaged), sum(dwells), coalesce(sum(dwelled_s), 0)
"""
_COUNTED = "impressions, clicks, likes, shares, engaged, dwells, dwell_s"
# One pass over the day, three tables. Clocks of clients may run an hour apart; what comes more than a week later was
# not because of this impression. An arm's are those after the exposure and before the experiment's end.
OUTCOMES = f"""
WITH outcome AS MATERIALIZED (
    SELECT date_trunc('hour', shown_at, 'UTC') AS hour, source, surface, shown.user_id, shown.item_id, shown_at,
           coalesce(person.created_at > shown_at - interval '7 days', false) AS newcomer,
           clicked, liked, shared, clicked OR liked OR shared AS engaged, dwells, dwelled_s
    FROM coldstart_impression AS shown
    LEFT JOIN catalog_user AS person ON person.id = shown.user_id
    CROSS JOIN LATERAL (
        SELECT bool_or(type.name = 'click') AS clicked, bool_or(type.name = 'like') AS liked,
               bool_or(type.name = 'share') AS shared, count(event.dwell_s) AS dwells,
               sum(event.dwell_s) AS dwelled_s
        FROM catalog_interaction AS event JOIN catalog_eventtype AS type ON type.id = event.type_id
        WHERE event.user_id = shown.user_id AND event.item_id = shown.item_id
            AND event.request_id = shown.request_id
            AND event.occurred_at BETWEEN shown.shown_at - interval '1 hour' AND shown.shown_at + interval '7 days'
    ) AS done
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
), by_arm AS (
    INSERT INTO retrieval_armhour (hour, variant_id, source, newcomer, surface, {_COUNTED})
    SELECT hour, exposed.variant_id, source, newcomer, outcome.surface, {_SUMS}
    FROM outcome
    JOIN experiments_exposure AS exposed ON exposed.user_id = outcome.user_id AND exposed.exposed_at <= shown_at
    JOIN experiments_experiment AS experiment ON experiment.id = exposed.experiment_id
        AND (experiment.stopped_at IS NULL OR experiment.stopped_at > shown_at)
    GROUP BY 1, 2, 3, 4, 5
), by_width AS (
    INSERT INTO retrieval_sourceday (day, source, items, sole_items, sole_impressions, sole_engaged)
    SELECT %(day)b::date, source, count(*), count(*) FILTER (WHERE sources = 1),
           coalesce(sum(times) FILTER (WHERE sources = 1), 0), coalesce(sum(engaged) FILTER (WHERE sources = 1), 0)
    FROM (
        SELECT item_id, source, count(*) AS times, count(*) FILTER (WHERE engaged) AS engaged,
               count(*) OVER (PARTITION BY item_id) AS sources
        FROM outcome GROUP BY item_id, source
    ) AS credited GROUP BY source
)
INSERT INTO retrieval_sourcehour (hour, source, newcomer, surface, {_COUNTED})
SELECT hour, source, newcomer, surface, {_SUMS} FROM outcome GROUP BY 1, 2, 3, 4
"""  # noqa: S608
# Users of the week and the month. Until the day is over they are those whose last event says so, then they are counted.
LASTING_SO_FAR = """
SELECT count(*) FILTER (WHERE last_event_at > %(now)b::timestamptz - interval '7 days'), count(*)
FROM catalog_userhistory WHERE last_event_at > %(now)b::timestamptz - interval '30 days'
"""
LASTING = """
SELECT count(DISTINCT user_id) FILTER (WHERE occurred_at >= %(until)b::timestamptz - interval '7 days'),
       count(DISTINCT user_id)
FROM catalog_interaction
WHERE occurred_at >= %(until)b::timestamptz - interval '30 days' AND occurred_at < %(until)b::timestamptz
"""
# Gini of n counts in ascending order: 2 sum(rank * count) / (n sum(count)) - (n + 1) / n.
# Diversity within an answer: of n items, of which n_c are of category c, 1 - sum(n_c (n_c - 1)) / (n (n - 1)).
# Novelty: the self-information of an item's popularity (Zhou et al., 2010), here of the week before the day.
TOTALS = """
WITH shown AS (
    SELECT item_id, user_id, request_id, shown_at FROM coldstart_impression
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
), exposed AS (
    SELECT item_id, count(*) AS times, row_number() OVER (ORDER BY count(*)) AS rank FROM shown GROUP BY item_id
), lately AS (
    SELECT DISTINCT item_id, user_id FROM catalog_interaction
    WHERE occurred_at >= %(start)b::timestamptz - interval '7 days' AND occurred_at < %(start)b::timestamptz
), known AS (
    SELECT item_id, count(*) AS people FROM lately GROUP BY item_id
), audience AS (
    SELECT count(DISTINCT user_id) AS people FROM lately
), lists AS (
    SELECT 1 - sum(n * (n - 1))::float8 / (sum(n) * (sum(n) - 1)) AS diversity
    FROM (
        SELECT user_id, request_id, count(*) AS n FROM shown JOIN catalog_item AS item ON item.id = shown.item_id
        WHERE category <> '' GROUP BY user_id, request_id, category
    ) AS of_category GROUP BY user_id, request_id HAVING sum(n) > 1
), visits AS (
    SELECT occurred_at - lag(occurred_at) OVER (PARTITION BY user_id ORDER BY occurred_at) AS gap
    FROM catalog_interaction
    WHERE occurred_at >= %(start)b::timestamptz AND occurred_at < %(until)b::timestamptz
)
INSERT INTO retrieval_daytotals
    (day, active_users, shown_users, impressions, items, creators, new_items, gini, weekly_users, monthly_users,
     sessions, session_s, diversity, novelty, catalogue_items, catalogue_creators, counted_at)
SELECT %(day)b::date,
       (SELECT count(DISTINCT user_id) FROM catalog_interaction
        WHERE occurred_at >= %(start)b::timestamptz AND occurred_at < %(until)b::timestamptz),
       (SELECT count(DISTINCT user_id) FROM shown), coalesce(sum(times), 0), count(exposed.item_id),
       count(DISTINCT item.creator_id),
       (SELECT count(*) FROM shown JOIN catalog_item AS item ON item.id = shown.item_id
        WHERE coalesce(item.published_at, item.created_at) > shown.shown_at - interval '7 days'),
       2 * sum(rank * times)::float8 / nullif(count(*) * sum(times), 0) - (count(*) + 1)::float8 / nullif(count(*), 0),
       %(weekly)b::bigint, %(monthly)b::bigint,
       (SELECT count(*) FILTER (WHERE gap IS NULL OR gap > interval '30 minutes') FROM visits),
       (SELECT coalesce(extract(epoch FROM sum(gap) FILTER (WHERE gap <= interval '30 minutes')), 0) FROM visits),
       (SELECT avg(diversity) FROM lists),
       (SELECT sum(times * ln(nullif(audience.people, 0)::float8 / coalesce(known.people, 1))) / ln(2.0::float8)
            / sum(times)
        FROM exposed LEFT JOIN known USING (item_id) CROSS JOIN audience),
       (SELECT count(*) FROM catalog_item
        WHERE active AND coalesce(published_at, created_at) < %(until)b::timestamptz),
       (SELECT count(*) FROM catalog_creator),
       %(now)b::timestamptz
FROM exposed LEFT JOIN catalog_item AS item ON item.id = exposed.item_id
"""
