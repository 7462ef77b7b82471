"""What is known of one hour or day, before any ratio is made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from retrieval.models import DayTotals


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sums over impressions, as `retrieval.models.SourceHour`."""

    impressions: int = 0
    clicks: int = 0
    likes: int = 0
    shares: int = 0
    engaged: int = 0
    dwells: int = 0
    dwell_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Looks:
    """How often a level of the cache was asked and did answer."""

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float | None:
        return self.hits / asked if (asked := self.hits + self.misses) else None


@dataclass(frozen=True, slots=True)
class Serving:
    """Sums over answers; by_level: how many came from each level of the cache; looks: what each level of it said to
    those that asked it; ms_counts: see the tally."""

    answers: int = 0
    short: int = 0
    degraded: int = 0
    by_level: dict[str, int] = field(default_factory=dict)
    ms_counts: Sequence[int] = ()
    looks: Mapping[str, Looks] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """day: the day's totals, None for an hour or a day that wasn't counted. items: shown by the chosen source, or by
    any. seconds: how long the period is, as far as it has passed."""

    start: datetime
    seconds: float
    outcome: Outcome = Outcome()
    serving: Serving = Serving()
    day: DayTotals | None = None
    items: int | None = None
