"""What users do in a fortnight, and how many come within so many days: what the power calculator reckons with."""

from datetime import datetime, timedelta

from catalog.sql import Cursor
from experiments.models import Baseline
from retrieval.readouts.counting import COUNTS, PERIOD, SUMS, begin

_SAMPLE = 20_000
_DAYS = 28
_FRESH_FOR = timedelta(days=1)
_BY_DAY = """
SELECT day, (SELECT count(*) FROM catalog_userhistory
             WHERE last_event_at > %(now)b::timestamptz - day * interval '1 day'
                 AND last_event_at <= %(now)b::timestamptz)
FROM generate_series(1, %(days)b::integer) AS day ORDER BY day
"""
_SAMPLED = """
INSERT INTO counted_person
SELECT 0, user_id, 0, %(now)b::timestamptz - %(period)b::interval, %(now)b::timestamptz
FROM catalog_userhistory
WHERE last_event_at > %(now)b::timestamptz - %(period)b::interval AND user_id %% %(stride)b::bigint = 0
"""
_SUM_UP = f"SELECT {SUMS} FROM ({COUNTS}) AS outcome"  # noqa: S608


def renew_baseline(raw: Cursor, now: datetime) -> bool:
    """Once a day. False where it is fresh, or nobody did anything."""
    if Baseline.objects.filter(made_at__gt=now - _FRESH_FOR).exists():
        return False
    by_day = [count for _, count in raw.execute(_BY_DAY, {"now": now, "days": _DAYS}).fetchall()]
    active = by_day[PERIOD.days - 1]
    begin(raw)
    stride = max(1, active // _SAMPLE)
    raw.execute(_SAMPLED, {"now": now, "period": PERIOD, "stride": stride})
    [(users, sums, products)] = raw.execute(_SUM_UP, {"period": PERIOD}).fetchall()
    if not users:
        return False
    values = {"made_at": now, "users": users, "sums": sums, "products": products, "users_by_day": by_day}
    Baseline.objects.update_or_create(id=1, defaults=values)
    return True
