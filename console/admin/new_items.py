"""The ledger of new items: what is tried, how it fares, and why it changed."""

from typing import Any

from django.contrib import admin

from coldstart.exploration.config import config
from coldstart.models import Trial
from console.admin.access import Illustrated, LargeTable
from console.admin.evidence import item_evidence, percent, posterior_of


@admin.register(Trial)
class TrialAdmin(LargeTable, Illustrated):
    list_display = ["item", "creator", "state", "users", "exposures", "engagements", "rate", "changed_at"]
    list_filter = ["state"]
    list_select_related = ["item__creator"]
    ordering = ["-changed_at"]
    search_fields = ["item__external_id__startswith", "item__creator__external_id__exact"]
    search_help_text = "The beginning of an item's external id, or the creator's."
    fields = [
        "item",
        "state",
        "users",
        "exposures",
        "engagements",
        "rate",
        "entered_at",
        "began_at",
        "period_began_at",
        "periods",
        "alpha",
        "beta",
    ]
    readonly_fields = ["users", "rate"]
    change_form_before_template = "console/admin/trial.html"

    def shown_with(self, row: Trial) -> dict[str, Any]:
        return item_evidence(row)

    @admin.display(description="Creator")
    def creator(self, trial: Trial) -> str:
        return str(trial.item.creator or "")

    @admin.display(description="Users")
    def users(self, trial: Trial) -> str:
        return percent(trial.share) if trial.share else "–"

    @admin.display(description="Engagement rate")
    def rate(self, trial: Trial) -> str:
        posterior = posterior_of(trial.exposures, trial.engagements)
        low, high = posterior.interval(config().certainty)
        return f"{percent(posterior.mean)} ({percent(low)} to {percent(high)})"
