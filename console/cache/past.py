"""Hit rates of each level over time, from what the web processes of all machines have stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from console.charts import Spark, spark
from console.metrics.figures import Looks
from retrieval.models import CacheHour

DAYS, HOURS = 14, 48
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NONE = Looks()


@dataclass(frozen=True, slots=True)
class Past:
    """Of one level; None where nobody asked it in that time."""

    by_hour: Spark | None
    by_day: Spark | None


def past_of(levels: Mapping[str, str], now: datetime) -> dict[str, Past]:
    """By level. levels: their titles by name."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    days = [midnight - back * _DAY for back in reversed(range(DAYS))]
    hours = [hour - back * _HOUR for back in reversed(range(HOURS))]
    asked = CacheHour.objects.filter(hour__gte=min(days[0], hours[0])).values("hour", "level")
    by_hour: dict[tuple[str, datetime], Looks] = {}
    by_day: dict[tuple[str, datetime], Looks] = {}
    for row in asked.annotate(all_hits=Sum("hits"), all_misses=Sum("misses")):
        level, at = row["level"], row["hour"].astimezone(UTC)
        by_hour[level, at] = looks = Looks(row["all_hits"], row["all_misses"])
        before = by_day.get((level, day := at.replace(hour=0)), _NONE)
        by_day[level, day] = Looks(before.hits + looks.hits, before.misses + looks.misses)
    return {
        name: Past(_line(title, name, hours, by_hour, "hour"), _line(title, name, days, by_day, "day"))
        for name, title in levels.items()
    }


def _line(
    title: str,
    level: str,
    starts: list[datetime],
    looks: Mapping[tuple[str, datetime], Looks],
    step: str,
) -> Spark | None:
    rates = [looks.get((level, start), _NONE).rate for start in starts]
    span = f"by {step} of the last {len(starts)} {step}s"
    return spark(rates, lambda rate: f"{100 * rate:.1f} %", title=f"Hit rate, {title}", span=span)
