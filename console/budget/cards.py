"""A budget as a card: on the console's home, and at the head of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.budget import texts
from console.budget.budgets import Budget, Day
from console.budget.reading import read_budgets, read_days
from console.charts import Spark, spark

HOUR, SIX_HOURS = timedelta(hours=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Said:
    """A number with what it is and of what, as the metrics' measures have it."""

    title: str
    definition: str
    denominator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """measure: the objective; width: of the bar of what is left, 0 to 100; figures: for the page, one by one."""

    name: str
    measure: Said
    left: str
    width: float
    is_spent: bool
    burns: bool
    measured: str
    minutes: str
    requests: str
    burn: str
    figures: Sequence[Said]
    by_day: Spark | None
    left_by_day: Spark | None


def cards(now: datetime) -> list[Card]:
    days = read_days(now)
    return [card(budget, days[budget.kind.objective.name]) for budget in read_budgets(now)]


def card(budget: Budget, days: Sequence[Day]) -> Card:
    kind, objective = budget.kind, texts.objective(budget.kind.objective.share)
    span = f"by day from {days[0].day:%a %d %b} to {days[-1].day:%a %d %b}"
    return Card(
        name=kind.objective.name,
        measure=Said(
            kind.title,
            f"The objective is that {objective} of the requests of thirty days {kind.good}; the rest is the budget.",
            f"{kind.requests}.",
        ),
        left=texts.left(budget.left),
        width=round(100 * min(1.0, max(0.0, budget.left or 0.0)), 1),
        is_spent=budget.is_spent,
        burns=budget.burns is not None,
        measured=f"{texts.share(budget.period.good_share)} in 30 days; objective {objective}",
        minutes=f"{texts.minutes(budget.left_minutes)} of {texts.minutes(budget.allowed_minutes)}",
        requests=f"{texts.requests(budget.left_requests)} of {texts.requests(budget.allowed_requests)} requests",
        burn=f"{texts.rate(budget.rate(HOUR))} in the last hour, {texts.rate(budget.rate(SIX_HOURS))} in six",
        figures=_figures(budget),
        by_day=spark([day.counted.good_share for day in days], texts.share, title=kind.title, span=span),
        left_by_day=spark(
            [day.left for day in days], texts.left, title=f"Budget left of {kind.title}", span=span
        ),
    )


def _figures(budget: Budget) -> list[Said]:
    kind = budget.kind
    asked = f"{kind.requests}, of the last thirty days: {budget.period.requests:,}."
    burn = "How many times as fast as evenly over thirty days the budget was spent; at 1 it just lasts."
    return [
        Said("Measured", f"Requests that {kind.good}.", asked, texts.share(budget.period.good_share)),
        Said(
            "Budget left",
            "What may still go wrong: 0 % is all spent, below 0 % is more than there was.",
            f"{100 * kind.objective.budget:.4g} % of the requests of the last thirty days.",
            texts.left(budget.left),
        ),
        Said(
            "Left, in requests",
            f"Bad requests that may still be added to the {budget.period.bad:,} there were.",
            f"{texts.requests(budget.allowed_requests)}: the budget of as many requests as there were.",
            texts.requests(budget.left_requests),
        ),
        Said(
            "Left, in minutes",
            "How long every request may go wrong, where traffic is even.",
            f"{texts.minutes(budget.allowed_minutes)}: the budget of thirty days.",
            texts.minutes(budget.left_minutes),
        ),
        Said("Burn, last hour", burn, _asked(budget, HOUR), texts.rate(budget.rate(HOUR))),
        Said("Burn, last six hours", burn, _asked(budget, SIX_HOURS), texts.rate(budget.rate(SIX_HOURS))),
    ]


def _asked(budget: Budget, window: timedelta) -> str:
    counted = budget.windows[window]
    return f"{counted.requests:,} requests of that time, of which {counted.bad:,} were bad, by what the budget allows."
