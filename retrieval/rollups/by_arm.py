"""The SQL that sums up a day by experiment's arm: impressions from the exposure on, until the experiment's end."""

FORGET_ARMS = (
    "DELETE FROM retrieval_armday WHERE day = %(day)b::date",
    "DELETE FROM experiments_varied WHERE day = %(day)b::date",
)
# A day without experiments isn't read a second time.
ANY_ARMS = """
SELECT EXISTS (SELECT FROM experiments_experiment
               WHERE started_at < %(until)b::timestamptz
                   AND (stopped_at IS NULL OR stopped_at > %(start)b::timestamptz))
"""
# The formulas are those of a day's totals, see `statements`. Groups of users are those of `experiments.exposing`.
ARMS = """
WITH shown AS MATERIALIZED (
    SELECT exposed.variant_id, shown.user_id, request_id, shown.item_id, item.category, item.creator_id,
           coalesce(item.published_at, item.created_at) > shown_at - interval '7 days' AS fresh
    FROM coldstart_impression AS shown
    JOIN experiments_exposure AS exposed ON exposed.user_id = shown.user_id AND exposed.exposed_at <= shown_at
    JOIN experiments_experiment AS experiment ON experiment.id = exposed.experiment_id
        AND (experiment.stopped_at IS NULL OR experiment.stopped_at > shown_at)
    JOIN catalog_item AS item ON item.id = shown.item_id
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
), lately AS (
    SELECT DISTINCT item_id, user_id FROM catalog_interaction
    WHERE occurred_at >= %(start)b::timestamptz - interval '7 days' AND occurred_at < %(start)b::timestamptz
), known AS (
    SELECT item_id, count(*) AS people FROM lately GROUP BY item_id
), audience AS (
    SELECT count(DISTINCT user_id) AS people FROM lately
), lists AS (
    SELECT variant_id, user_id, 1 - sum(n * (n - 1))::float8 / (sum(n) * (sum(n) - 1)) AS diversity
    FROM (
        SELECT variant_id, user_id, request_id, count(*) AS n FROM shown
        WHERE category <> '' GROUP BY variant_id, user_id, request_id, category
    ) AS of_category GROUP BY variant_id, user_id, request_id HAVING sum(n) > 1
), by_group AS (
    INSERT INTO experiments_varied (variant_id, day, user_group, lists, diversity)
    SELECT variant_id, %(day)b::date, user_id %% 64, count(*), sum(diversity) FROM lists GROUP BY 1, 3
), varied AS (
    SELECT variant_id, avg(diversity) AS diversity FROM lists GROUP BY variant_id
), people AS (
    SELECT variant_id, count(DISTINCT user_id) AS users, count(*) FILTER (WHERE fresh) AS fresh
    FROM shown GROUP BY variant_id
), of_item AS (
    SELECT variant_id, item_id, creator_id, count(*) AS times,
           row_number() OVER (PARTITION BY variant_id ORDER BY count(*)) AS rank
    FROM shown GROUP BY variant_id, item_id, creator_id
)
INSERT INTO retrieval_armday
    (day, variant_id, shown_users, impressions, items, creators, new_items, gini, diversity, novelty)
SELECT %(day)b::date, variant_id, max(people.users), sum(times), count(*), count(DISTINCT creator_id),
       max(people.fresh), 2 * sum(rank * times)::float8 / (count(*) * sum(times)) - (count(*) + 1)::float8 / count(*),
       max(varied.diversity),
       sum(times * ln(nullif(audience.people, 0)::float8 / coalesce(known.people, 1))) / ln(2.0::float8) / sum(times)
FROM of_item
JOIN people USING (variant_id)
LEFT JOIN varied USING (variant_id)
LEFT JOIN known USING (item_id)
CROSS JOIN audience
GROUP BY variant_id
"""
