"""From counted requests to what is left of a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.objectives import BURNS, PERIOD, Burn, Objective, availability, latency, latency_ms

Sums = Mapping[str, int]  # by the columns of `retrieval.models.RequestSlot`
OUTCOMES = ("served", "degraded", "refused", "limited", "shed", "failed")
# Of fewer a single bad one is a fire.
_LEAST_REQUESTS = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """requests: that the objective is about; bad: of those, the ones that spend the budget."""

    requests: int = 0
    bad: int = 0

    @property
    def good_share(self) -> float | None:
        """None where nothing was asked."""
        return 1 - self.bad / self.requests if self.requests else None


@dataclass(frozen=True, slots=True)
class Kind:
    """An objective, and which columns are about it."""

    objective: Objective
    title: str
    good: str  # what a good request is, in words that follow "requests that …"
    requests: str  # and what is asked of
    all_columns: Sequence[str]
    bad_columns: Sequence[str]

    def of(self, sums: Sums) -> Counted:
        return Counted(
            sum(sums.get(name, 0) for name in self.all_columns),
            sum(sums.get(name, 0) for name in self.bad_columns),
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """period: what was counted in the last thirty days; windows: in the last of each length."""

    kind: Kind
    period: Counted
    windows: Mapping[timedelta, Counted]

    @property
    def left(self) -> float | None:
        return left(self.kind.objective, self.period)

    @property
    def allowed_requests(self) -> float:
        """How many may be bad, of as many as were counted."""
        return self.kind.objective.budget * self.period.requests

    @property
    def left_requests(self) -> float:
        return self.allowed_requests - self.period.bad

    @property
    def allowed_minutes(self) -> float:
        """How long the service may be away altogether in thirty days of even traffic."""
        return self.kind.objective.budget * PERIOD.total_seconds() / 60

    @property
    def left_minutes(self) -> float | None:
        return None if self.left is None else self.left * self.allowed_minutes

    def rate(self, window: timedelta) -> float | None:
        return burn_rate(self.kind.objective, self.windows[window])

    @property
    def is_spent(self) -> bool:
        """Only of a budget that has ever been worth a request."""
        return self.allowed_requests >= 1 and self.left_requests <= 0

    @property
    def burns(self) -> Burn | None:
        """The gravest too fast a burn that goes on now."""
        for burn in BURNS:
            rates = [self.rate(burn.long), self.rate(burn.short)]
            is_known = self.windows[burn.long].requests >= _LEAST_REQUESTS
            if is_known and all(rate is not None and rate > burn.rate for rate in rates):
                return burn
        return None


@dataclass(frozen=True, slots=True)
class Day:
    """left: of the budget at its end, by the thirty days up to then."""

    day: date
    sums: Sums
    counted: Counted
    left: float | None


def kinds() -> tuple[Kind, Kind]:
    within = f"{latency_ms():g} ms"
    return (
        Kind(
            availability(),
            "Availability",
            "are answered: with neither a 5xx nor a refusal for want of room",
            "Requests to the API, also those with a mistake of the client’s (4xx)",
            OUTCOMES,
            ("shed", "failed"),
        ),
        Kind(
            latency(),
            f"Latency within {within}",
            f"are answered within {within}, from authentication to the answer’s bytes",
            "Requests for a user’s candidates (GET) that were let in",
            ("timed",),
            ("slow",),
        ),
    )


def left(objective: Objective, counted: Counted) -> float | None:
    """1: nothing is spent; 0: all; below: more than there was. None where nothing was asked."""
    rate = burn_rate(objective, counted)
    return None if rate is None else 1 - rate


def burn_rate(objective: Objective, counted: Counted) -> float | None:
    """How many times as fast as evenly over the period; at 1 it is spent exactly at its end."""
    return counted.bad / counted.requests / objective.budget if counted.requests else None
