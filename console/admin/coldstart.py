"""What new people are asked, and the texts they agree to."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError
from unfold.decorators import action

from coldstart.interests import example_titles, forget_interests, learn_representatives, offered_interests
from coldstart.models import Consent, DemographicCell, Interest, SurveyAnswer
from coldstart.tasks import suggest as suggest_interests
from console.admin.access import LargeTable, ReadOnly, ShowsData
from console.admin.confirm import Confirmation, ask


@admin.register(Interest)
class InterestAdmin(ShowsData):
    list_display = ["name", "color", "tags", "categories", "shown_with", "position", "active"]
    list_editable = ["position", "active"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]
    fields = ["name", "slug", "tags", "categories", "items", "color", "picture_url", "position", "active"]
    actions_list = ["suggest"]

    @admin.display(description="Shown with")
    def shown_with(self, interest: Interest) -> str:
        known = [one for one in offered_interests() if one.id == interest.pk]
        return ", ".join(example_titles(known).get(interest.pk, [])[:3])

    def save_model(self, request: HttpRequest, obj: Interest, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        forget_interests()
        if {"tags", "categories", "items"} & set(form.changed_data):
            learn_representatives(timezone.now())

    # Not a dotted name in the decorator: see the mixes.
    def has_suggest_permission(self, request: HttpRequest) -> bool:
        allowed: bool = self.has_add_permission(request)
        return allowed

    @action(description="Suggest from what people like", icon="auto_awesome", permissions=["suggest"])
    def suggest(self, request: HttpRequest) -> HttpResponse:
        """A GET asks. Of millions of events it takes minutes, so a worker does it."""
        interests = reverse("admin:coldstart_interest_changelist")
        if request.method != "POST":
            text = "Interests are learned from who likes what together; those that have no name here yet are added."
            return ask(
                request, self.admin_site, Confirmation("Suggest interests", text, "Suggest", interests)
            )
        try:
            suggest_interests.delay()
        except OperationalError:
            self.message_user(request, "The broker is away: nothing was started.", messages.ERROR)
        else:
            said = "A worker learns them: seconds for a small catalogue, minutes for millions of events."
            self.message_user(request, said)
        return redirect(interests)


@admin.register(Consent)
class ConsentAdmin(ShowsData):
    """The newest is shown; none is ever edited, as people agreed to what it says."""

    list_display = ["version", "text", "created_at"]

    def has_change_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        return False


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(LargeTable):
    ordering = ["-user_id"]
    list_display = ["user", "interest_ids", "consent", "answered_at"]
    list_select_related = ["user", "consent"]
    search_fields = ["user__external_id__exact"]
    search_help_text = "The user's external id."


@admin.register(DemographicCell)
class DemographicCellAdmin(ReadOnly):
    list_display = ["__str__", "users", "rebuilt_at"]
    ordering = ["-users"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DemographicCell]:
        # Hundreds of numbers in each row, of which the list shows none: a cell's own page reads its own.
        cells: QuerySet[DemographicCell] = super().get_queryset(request)
        return cells.defer("item_ids", "shares")
