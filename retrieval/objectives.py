"""What the service promises, and how fast it may fall short before somebody is told.

A budget is what an objective leaves: of a thousand requests, one. Its burn rate is how many times as fast as evenly
over the whole time it is being spent; two windows tell a fire from a moment (Beyer et al., The Site Reliability
Workbook, 2018, chapter 5). `ops/alerts.yml` says the same to Prometheus; a test compares the two.
"""

from dataclasses import dataclass
from datetime import timedelta

from retrieval.config import config

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Objective:
    """share: of the requests that must be good, over `PERIOD`."""

    name: str
    share: float

    @property
    def budget(self) -> float:
        """Of the requests that may be bad, a share."""
        return 1 - self.share


@dataclass(frozen=True, slots=True)
class Burn:
    """Too fast a burn: at least `rate` over both windows. urgent: somebody is woken for it."""

    rate: float
    long: timedelta
    short: timedelta
    urgent: bool


# For an hour at 14.4 spends 2 % of the budget, for six hours at 6 spends 5 %; the short window ends it soon after.
BURNS = (
    Burn(14.4, timedelta(hours=1), timedelta(minutes=5), urgent=True),
    Burn(6, timedelta(hours=6), timedelta(minutes=30), urgent=False),
)


def availability() -> Objective:
    return Objective("availability", config().availability_objective)


def latency() -> Objective:
    return Objective("latency", config().latency_objective)


def latency_ms() -> float:
    """Within which a request for candidates is quick enough."""
    return config().latency_objective_ms
