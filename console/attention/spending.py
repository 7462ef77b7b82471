"""Does the service fall short of what it promises?"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import takewhile

from django.urls import reverse
from django.utils import timezone

from console.attention.line import Attention
from console.budget import texts
from console.budget.budgets import Budget
from console.budget.reading import read_budgets, read_days
from retrieval.objectives import Burn

_DO = {
    "availability": "See which outcome it is, by hour; undo what was deployed, published or promoted last.",
    "latency": "See milliseconds per source and the machine’s load; shorten a slow source’s limit in the mix.",
}


def budgets(now: datetime) -> Iterator[Attention]:
    """Of each objective: a budget that goes too fast, or that is gone."""
    for budget in read_budgets(now):
        if (burn := budget.burns) is not None:
            yield _burning(budget, burn, now)
        if budget.is_spent:
            yield _spent(budget, now)


def _burning(budget: Budget, burn: Burn, now: datetime) -> Attention:
    found, hours = budget.windows[burn.long], burn.long // timedelta(hours=1)
    last = "last hour" if hours == 1 else f"last {hours} hours"
    return Attention(
        f"{budget.kind.title}: the budget is spent {texts.rate(budget.rate(burn.long))} times too fast. "
        f"{found.bad:,} of {found.requests:,} requests of the {last} were bad.",
        now - burn.long,
        _DO[budget.kind.objective.name],
        _page(),
        urgent=burn.urgent,
    )


def _spent(budget: Budget, now: datetime) -> Attention:
    days = reversed(read_days(now)[budget.kind.objective.name])
    spent = list(takewhile(lambda day: day.left is not None and day.left <= 0, days))
    since = timezone.make_aware(datetime.combine(spent[-1].day, time.min)) if spent else None
    return Attention(
        f"{budget.kind.title}: the budget is spent. {texts.share(budget.period.good_share)} of thirty days were good; "
        f"the objective is {texts.objective(budget.kind.objective.share)}.",
        since,
        "Put off what is risky until days without errors bring it back; the page says which days spent it.",
        _page(),
    )


def _page() -> str:
    return reverse("admin:retrieval_requestday_changelist")
