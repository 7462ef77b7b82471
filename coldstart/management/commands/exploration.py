"""`manage.py exploration`: how new items fare, and what other budgets would have brought."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Sum

from coldstart import ledger
from coldstart.bandit.offpolicy import Estimate, NoOverlap, budget_weights, estimate
from coldstart.exploration.config import config
from coldstart.ledger.outcomes import logged_outcomes
from coldstart.models import Trial

_BUDGETS = (0.0, 0.005, 0.01, 0.02, 0.04)


class Command(BaseCommand):
    help = "Says how new items fare, and estimates other exploration budgets from what was logged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--budget",
            type=float,
            action="append",
            help="a share of all impressions, 0 to 1; may be given several times",
        )
        parser.add_argument("--days", type=float, default=14.0, help="how far back impressions count")
        parser.add_argument("--rebuild", action="store_true", help="count all impressions and events anew")

    def handle(
        self, *args: Any, budget: list[float] | None, days: float, rebuild: bool, **options: Any
    ) -> None:
        now = datetime.now(UTC)
        if rebuild and ledger.rebuild(now) is None:
            raise CommandError("Another run is counting: try again in a moment.")
        self._states()
        outcomes = logged_outcomes(now - timedelta(days=days), now, config())
        present = config().budget
        if not len(outcomes) or not present:
            self.stdout.write("No place of the bandit was logged: other budgets cannot be estimated.")
            return
        self.stdout.write(f"{len(outcomes):,} places of the bandit; now the budget is {present:.2%}.")
        self.stdout.write("budget    IPS       SNIPS     95 %                  effective")
        for wanted in sorted({*(budget or _BUDGETS), present}):
            try:
                weights = budget_weights(outcomes.propensities, outcomes.opened, wanted / present)
                line = _line(estimate(outcomes.engaged.astype(float), weights))
            except NoOverlap as error:
                line = str(error)
            self.stdout.write(f"{wanted:<9.2%} {line}")

    def _states(self) -> None:
        by_state = Trial.objects.values_list("state").annotate(
            Count("item_id"), Sum("exposures"), Sum("engagements")
        )
        for state, items, exposures, engagements in by_state.order_by("state"):
            self.stdout.write(
                f"{state}: {items:,} items, {exposures:,} exposures, {engagements:,} engagements"
            )


def _line(one: Estimate) -> str:
    return f"{one.ips:<9.4f} {one.snips:<9.4f} {one.low:.4f} to {one.high:<11.4f} {one.effective:,.0f} of {one.n:,}"
