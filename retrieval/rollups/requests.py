"""From slots of five minutes to hours and days: each that still has its slots is summed anew, and written where it
changed. So what a process could store only hours later needs no rule, and a run is harmless to repeat."""

from datetime import datetime, timedelta

from retrieval.locks import sole_run
from retrieval.tally.requests import COUNTED

SLOTS_KEPT = timedelta(days=40)
HOURS_KEPT = timedelta(days=400)
_NAMES = ", ".join(COUNTED)
_SUMS = ", ".join(f"sum({name})::bigint" for name in COUNTED)
_NEW = ", ".join(f"{name} = excluded.{name}" for name in COUNTED)
_CHANGED = f"({', '.join(f'kept.{name}' for name in COUNTED)}) <> ({', '.join(f'excluded.{name}' for name in COUNTED)})"
_HOURS = f"""
INSERT INTO retrieval_requesthour AS kept (start, {_NAMES})
SELECT date_trunc('hour', start, 'UTC') AS hour, {_SUMS} FROM retrieval_requestslot
WHERE start >= %(since)b::timestamptz GROUP BY 1 ORDER BY 1
ON CONFLICT (start) DO UPDATE SET {_NEW} WHERE {_CHANGED}
"""  # noqa: S608
_DAYS = f"""
INSERT INTO retrieval_requestday AS kept (day, {_NAMES})
SELECT (start AT TIME ZONE 'UTC')::date AS day, {_SUMS} FROM retrieval_requestslot
WHERE start >= %(since)b::timestamptz GROUP BY 1 ORDER BY 1
ON CONFLICT (day) DO UPDATE SET {_NEW} WHERE {_CHANGED}
"""  # noqa: S608
_PRUNE = (
    "DELETE FROM retrieval_requestslot WHERE start < %(since)b::timestamptz",
    "DELETE FROM retrieval_requesthour WHERE start < %(hours_since)b::timestamptz",
)


def sum_requests(now: datetime) -> int:
    """How many hours and days were written; none where another run is at it."""
    # From midnight: a day is summed whole or not at all.
    since = (now - SLOTS_KEPT).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"since": since, "hours_since": now - HOURS_KEPT}
    with sole_run("requests") as raw:
        if raw is None:
            return 0
        written = sum(raw.execute(statement, values).rowcount for statement in (_HOURS, _DAYS))
        for statement in _PRUNE:
            raw.execute(statement, values)
    return written
