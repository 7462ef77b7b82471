"""The SQL of what is learned. Days are UTC's."""

USER_GROUPS = 32  # draws of one user are alike, so chance is measured between groups of users

ANY_DRAW = "SELECT 1 FROM retrieval_sharedraw WHERE held_since > %(oldest)s LIMIT 1"
# What arrived: draws, and what was shown and done in answers that were drawn for. By BRIN on the times of arrival.
ARRIVED = """
INSERT INTO arrived_draw (user_id, request_id)
SELECT user_id, request_id FROM retrieval_sharedraw WHERE drawn_at > %(since)s
UNION
SELECT user_id, request_id FROM coldstart_impression WHERE received_at > %(since)s
UNION
SELECT user_id, request_id FROM catalog_interaction WHERE request_id <> '' AND received_at > %(since)s
"""
# Looked up anew for each of them, so that nothing counts twice and an event may be as late as it likes. What an
# impression led to is what it is for new items (coldstart.ledger.attribution), within eight days of the draw.
OUTCOMES = """
WITH outcome AS (
    SELECT draw.user_id, draw.request_id, draw.held_since,
        EXISTS (
            SELECT FROM coldstart_impression AS shown
            WHERE shown.user_id = draw.user_id AND shown.request_id = draw.request_id
        ) AS shown,
        EXISTS (
            -- From the user's few events to what they name, not from a thousand impressions to an event of one.
            SELECT FROM catalog_interaction AS event
            JOIN catalog_eventtype AS type ON type.id = event.type_id AND type.weight >= %(weight)s
            JOIN coldstart_impression AS shown
                ON shown.user_id = event.user_id AND shown.request_id = event.request_id
                AND shown.item_id = event.item_id
            WHERE event.user_id = draw.user_id AND event.request_id = draw.request_id
                AND event.occurred_at BETWEEN draw.drawn_at - interval '1 hour' AND draw.drawn_at + interval '8 days'
                AND event.occurred_at
                    BETWEEN shown.shown_at - interval '1 hour' AND shown.shown_at + interval '7 days'
        ) AS engaged
    FROM arrived_draw JOIN retrieval_sharedraw AS draw USING (user_id, request_id)
    WHERE draw.held_since > %(oldest)s
)
UPDATE retrieval_sharedraw AS draw SET shown = outcome.shown, engaged = outcome.engaged
FROM outcome
WHERE draw.user_id = outcome.user_id AND draw.request_id = outcome.request_id
    AND draw.held_since = outcome.held_since
    AND (draw.shown, draw.engaged) IS DISTINCT FROM (outcome.shown, outcome.engaged)
RETURNING (draw.held_since AT TIME ZONE 'UTC')::date
"""
ALL_DAYS = """
SELECT DISTINCT (held_since AT TIME ZONE 'UTC')::date FROM retrieval_sharedraw WHERE held_since > %(oldest)s
"""
FORGET_DAY = "DELETE FROM retrieval_sharecell WHERE day = %(day)s"
# One draw, however many answers it held for: it was engaged with where one of them was. The propensity is that of the
# first, under which it was drawn.
COUNT_DAY = """
INSERT INTO retrieval_sharecell
    (mix, day, segment, arm, user_group, draws, engaged, weight, engaged_weight, squared_weight)
SELECT mix, %(day)s, segment, arm, user_id %% %(groups)s, count(*), count(*) FILTER (WHERE engaged),
       sum(1 / propensity), coalesce(sum(1 / propensity) FILTER (WHERE engaged), 0), sum(1 / propensity ^ 2)
FROM (
    SELECT mix, segment, arm, user_id, bool_or(engaged) AS engaged,
           (array_agg(propensity ORDER BY drawn_at))[1] AS propensity
    FROM retrieval_sharedraw
    WHERE shown AND held_since >= %(start)s AND held_since < %(until)s
    GROUP BY mix, segment, arm, user_id, held_since
) AS draw
GROUP BY mix, segment, arm, user_id %% %(groups)s
"""
# Mixes that have been drawing lately; what another has learned stays as it is.
DRAWING = "SELECT DISTINCT mix FROM retrieval_sharecell WHERE day > %(since)s ORDER BY mix"
# half_life: in days, NULL for no forgetting.
REMEMBERED = """
SELECT segment, arm, sum(fade * draws)::float8, sum(fade * engaged)::float8
FROM (
    SELECT *, coalesce(power(0.5, greatest(%(today)s::date - day, 0) / %(half_life)s::float8), 1) AS fade
    FROM retrieval_sharecell WHERE mix = %(mix)s AND day > %(oldest)s
) AS cell
GROUP BY segment, arm
"""
LOGGED = """
SELECT segment, arm, user_group, sum(draws)::float8, sum(engaged)::float8, sum(weight), sum(engaged_weight),
       sum(squared_weight)
FROM retrieval_sharecell WHERE mix = %(mix)s AND day > %(since)s AND day <= %(until)s
GROUP BY segment, arm, user_group
"""
PRUNE_CELLS = "DELETE FROM retrieval_sharecell WHERE day < %(oldest)s"
