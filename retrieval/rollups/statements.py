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
    "DELETE FROM retrieval_sourceday WHERE day = %(day)b::date",
    "DELETE FROM retrieval_daytotals WHERE day = %(day)b::date",
)
# Clocks of clients may run an hour apart; what comes more than a week later was not because of this impression.
BY_SOURCE = """
INSERT INTO retrieval_sourcehour
    (hour, source, newcomer, impressions, clicks, likes, shares, engaged, dwells, dwell_s)
SELECT date_trunc('hour', shown_at, 'UTC'), source,
       coalesce(person.created_at > shown_at - interval '7 days', false),
       count(*), count(*) FILTER (WHERE clicked), count(*) FILTER (WHERE liked), count(*) FILTER (WHERE shared),
       count(*) FILTER (WHERE clicked OR liked OR shared), sum(dwells), coalesce(sum(dwelled_s), 0)
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
GROUP BY 1, 2, 3
"""
WIDTH = """
INSERT INTO retrieval_sourceday (day, source, items, sole_items)
SELECT %(day)b::date, source, count(*), count(*) FILTER (WHERE sources = 1)
FROM (
    SELECT item_id, source, count(*) OVER (PARTITION BY item_id) AS sources FROM coldstart_impression
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
    GROUP BY item_id, source
) AS credited GROUP BY source
"""
# Gini of n counts in ascending order: 2 sum(rank * count) / (n sum(count)) - (n + 1) / n.
TOTALS = """
WITH shown AS (
    SELECT item_id, user_id, shown_at FROM coldstart_impression
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
), exposed AS (
    SELECT item_id, count(*) AS times, row_number() OVER (ORDER BY count(*)) AS rank FROM shown GROUP BY item_id
)
INSERT INTO retrieval_daytotals
    (day, active_users, shown_users, impressions, items, creators, new_items, gini, counted_at)
SELECT %(day)b::date,
       (SELECT count(DISTINCT user_id) FROM catalog_interaction
        WHERE occurred_at >= %(start)b::timestamptz AND occurred_at < %(until)b::timestamptz),
       (SELECT count(DISTINCT user_id) FROM shown), coalesce(sum(times), 0), count(*),
       count(DISTINCT item.creator_id),
       (SELECT count(*) FROM shown JOIN catalog_item AS item ON item.id = shown.item_id
        WHERE coalesce(item.published_at, item.created_at) > shown.shown_at - interval '7 days'),
       2 * sum(rank * times)::float8 / nullif(count(*) * sum(times), 0) - (count(*) + 1)::float8 / nullif(count(*), 0),
       %(now)b::timestamptz
FROM exposed LEFT JOIN catalog_item AS item ON item.id = exposed.item_id
"""
