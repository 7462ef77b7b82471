"""The SQL that says how a day's impressions lay over the catalogue, slice by slice.

The formulas are those of a day's totals, see `statements`.
"""

from retrieval.rollups.slices import EXPOSED, OF_ALL, OF_ARMS, frequent, same

FORGET_CATALOGUE = (
    "DELETE FROM retrieval_catalogueslice WHERE day = %(day)b::date",
    "DELETE FROM experiments_varied WHERE day = %(day)b::date",
)
# For intervals, by groups of users: those of `experiments.exposing`.
_BY_GROUP = """, by_group AS (
    INSERT INTO experiments_varied (variant_id, day, user_group, lists, diversity)
    SELECT variant_id, %(day)b::date, user_id %% 64, count(*), sum(diversity) FROM lists GROUP BY 1, 3
)"""


def _sliced(variant: str, exposed: str, sets: str, more: str = "") -> str:
    """variant: whose slices; exposed: a join that tells; sets: grouping sets; more: statements beside this one."""
    return f"""
WITH shown AS MATERIALIZED (
    SELECT {variant} AS variant_id, shown.surface, shown.user_id, request_id, shown.item_id, item.category,
           item.creator_id, coalesce(item.published_at, item.created_at) > shown_at - interval '7 days' AS fresh,
           coalesce(person.created_at > shown_at - interval '7 days', false) AS newcomer
    FROM coldstart_impression AS shown
    {exposed}
    JOIN catalog_item AS item ON item.id = shown.item_id
    LEFT JOIN catalog_user AS person ON person.id = shown.user_id
    WHERE shown_at >= %(start)b::timestamptz AND shown_at < %(until)b::timestamptz
), lately AS (
    SELECT DISTINCT item_id, user_id FROM catalog_interaction
    WHERE occurred_at >= %(start)b::timestamptz - interval '7 days' AND occurred_at < %(start)b::timestamptz
), known AS (
    SELECT item_id, count(*) AS people FROM lately GROUP BY item_id
), audience AS (
    SELECT count(DISTINCT user_id) AS people FROM lately
), lists AS (
    SELECT variant_id, surface, newcomer, user_id, 1 - sum(n * (n - 1))::float8 / (sum(n) * (sum(n) - 1)) AS diversity
    FROM (
        SELECT variant_id, surface, newcomer, user_id, request_id, count(*) AS n FROM shown
        WHERE category <> '' GROUP BY variant_id, surface, newcomer, user_id, request_id, category
    ) AS of_category GROUP BY variant_id, surface, newcomer, user_id, request_id HAVING sum(n) > 1
), varied AS (
    SELECT variant_id, surface, newcomer, avg(diversity) AS diversity FROM lists GROUP BY GROUPING SETS ({sets})
), people AS (
    SELECT variant_id, surface, newcomer, count(DISTINCT user_id) AS users FROM shown GROUP BY GROUPING SETS ({sets})
), of_item AS (
    SELECT variant_id, surface, newcomer, item_id, min(creator_id) AS creator_id, count(*) AS times,
           count(*) FILTER (WHERE fresh) AS fresh,
           row_number() OVER (PARTITION BY variant_id, surface, newcomer ORDER BY count(*)) AS rank
    FROM shown GROUP BY GROUPING SETS ({sets}), item_id
), wide AS (
    SELECT variant_id, surface, newcomer, sum(times) AS impressions, count(*) AS items,
           count(DISTINCT creator_id) AS creators, sum(fresh) AS new_items,
           2 * sum(rank * times)::float8 / (count(*) * sum(times)) - (count(*) + 1)::float8 / count(*) AS gini,
           sum(times * ln(nullif(audience.people, 0)::float8 / coalesce(known.people, 1))) / ln(2.0::float8)
               / sum(times) AS novelty
    FROM of_item LEFT JOIN known USING (item_id) CROSS JOIN audience
    GROUP BY variant_id, surface, newcomer
){more}
INSERT INTO retrieval_catalogueslice
    (day, variant_id, surface, newcomer, shown_users, impressions, items, creators, new_items, gini, diversity, novelty)
SELECT %(day)b::date, wide.variant_id, wide.surface, wide.newcomer, people.users, impressions, items, creators,
       new_items, gini, varied.diversity, novelty
FROM (SELECT * FROM wide WHERE {frequent("wide", "impressions")}) AS wide
JOIN people ON {same("people", "wide")}
LEFT JOIN varied ON {same("varied", "wide")}
"""  # noqa: S608


CATALOGUE = _sliced("NULL::bigint", "", OF_ALL)
CATALOGUE_OF_ARMS = _sliced(
    "exposed.variant_id", EXPOSED.format(of="shown", at="shown_at"), OF_ARMS, _BY_GROUP
)
