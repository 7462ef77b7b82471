"""The SQL that says who came, slice by slice.

An event is on the surface that it names itself. New is, all day, who had been known for less than a week when it began.
"""

from retrieval.rollups.slices import EXPOSED, OF_ALL, OF_ARMS, frequent, same

# What a month's users are was counted once and stays, see `REACH`.
FORGET_AUDIENCE = (
    "UPDATE retrieval_audienceslice SET active_users = 0, sessions = 0, session_s = 0 WHERE day = %(day)b::date",
)
REACH_COUNTED = """
SELECT EXISTS (SELECT FROM retrieval_audienceslice WHERE day = %(day)b::date AND monthly_users IS NOT NULL)
"""

_NEW = "coalesce(person.created_at > %(start)b::timestamptz - interval '7 days', false)"


def _daily(variant: str, exposed: str, sets: str) -> str:
    """Users and sessions of the day. A session goes from surface to surface, so it is of none."""
    return f"""
WITH came AS MATERIALIZED (
    SELECT {variant} AS variant_id, event.surface, event.user_id, occurred_at, {_NEW} AS newcomer
    FROM catalog_interaction AS event
    {exposed}
    LEFT JOIN catalog_user AS person ON person.id = event.user_id
    WHERE occurred_at >= %(start)b::timestamptz AND occurred_at < %(until)b::timestamptz
), visits AS (
    SELECT variant_id, newcomer, NULL::varchar AS surface,
           occurred_at - lag(occurred_at) OVER (PARTITION BY variant_id, user_id ORDER BY occurred_at) AS gap
    FROM came
), stayed AS (
    SELECT variant_id, surface, newcomer,
           count(*) FILTER (WHERE gap IS NULL OR gap > interval '30 minutes') AS sessions,
           coalesce(extract(epoch FROM sum(gap) FILTER (WHERE gap <= interval '30 minutes')), 0) AS session_s
    FROM visits GROUP BY GROUPING SETS ((variant_id, surface), (variant_id, surface, newcomer))
), active AS (
    SELECT variant_id, surface, newcomer, count(DISTINCT user_id) AS users FROM came GROUP BY GROUPING SETS ({sets})
)
INSERT INTO retrieval_audienceslice (day, variant_id, surface, newcomer, active_users, sessions, session_s)
SELECT %(day)b::date, active.variant_id, active.surface, active.newcomer, users, stayed.sessions, stayed.session_s
FROM (SELECT * FROM active WHERE {frequent("active", "users")}) AS active
LEFT JOIN stayed ON {same("stayed", "active")}
ON CONFLICT (variant_id, surface, newcomer, day) DO UPDATE
SET active_users = excluded.active_users, sessions = excluded.sessions, session_s = excluded.session_s
"""  # noqa: S608


def _reach(variant: str, exposed: str, sets: str) -> str:
    """Users of the week and of the month: thirty days are read, so once, when the day is over."""
    return f"""
WITH came AS (
    SELECT {variant} AS variant_id, event.surface, event.user_id, max(occurred_at) AS at
    FROM catalog_interaction AS event
    {exposed}
    WHERE occurred_at >= %(until)b::timestamptz - interval '30 days' AND occurred_at < %(until)b::timestamptz
    GROUP BY 1, 2, 3
), last AS (
    SELECT variant_id, surface, newcomer, user_id, max(at) AS at
    FROM (
        SELECT came.*, {_NEW} AS newcomer FROM came LEFT JOIN catalog_user AS person ON person.id = user_id
    ) AS known
    GROUP BY GROUPING SETS ({sets}), user_id
), reached AS (
    SELECT variant_id, surface, newcomer, count(*) AS monthly,
           count(*) FILTER (WHERE at >= %(until)b::timestamptz - interval '7 days') AS weekly
    FROM last GROUP BY variant_id, surface, newcomer
)
INSERT INTO retrieval_audienceslice
    (day, variant_id, surface, newcomer, active_users, weekly_users, monthly_users)
SELECT %(day)b::date, variant_id, surface, newcomer, 0, weekly, monthly
FROM reached WHERE {frequent("reached", "monthly")}
ON CONFLICT (variant_id, surface, newcomer, day) DO UPDATE
SET weekly_users = excluded.weekly_users, monthly_users = excluded.monthly_users
"""  # noqa: S608


_ALL = ("NULL::bigint", "", OF_ALL)
_ARMS = ("exposed.variant_id", EXPOSED.format(of="event", at="occurred_at"), OF_ARMS)
AUDIENCE, AUDIENCE_OF_ARMS = _daily(*_ALL), _daily(*_ARMS)
REACH, REACH_OF_ARMS = _reach(*_ALL), _reach(*_ARMS)
