"""Experiments: drafted here, started, ramped and stopped by actions that ask for a reason, and read out on a page."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from console.admin.confirm import Confirmation, ask
from console.admin.experiment_page import read_out_page
from console.mixing.approval import WAITS, must_wait_for
from console.mixing.shipping import may_ship, shipping
from experiments.lifecycle import NotAllowed, add_guardrails, ramp, start, stop
from experiments.models import Experiment, Forced, Guardrail, Layer, Variant
from retrieval.models import MixRevision, ModelVersion

WHOLE = 10_000


class VariantForm(forms.ModelForm):
    class Meta:
        model = Variant
        fields = [
            "name",
            "control",
            "share_per_10000",
            "mix_revision",
            "model_version",
            "newcomers_revision",
            "maturity_events",
        ]

    def clean_mix_revision(self) -> int | None:
        return self._mix("mix_revision")

    def clean_newcomers_revision(self) -> int | None:
        return self._mix("newcomers_revision")

    def clean_model_version(self) -> int | None:
        number: int | None = self.cleaned_data["model_version"]
        states = (ModelVersion.State.READY, ModelVersion.State.LIVE)
        if number is not None and not ModelVersion.objects.filter(id=number, state__in=states).exists():
            raise ValidationError(f"Model version {number} is not ready to serve.")
        return number

    def _mix(self, field: str) -> int | None:
        number: int | None = self.cleaned_data[field]
        if number is not None and not MixRevision.objects.filter(number=number).exists():
            raise ValidationError(f"There is no mix revision {number}.")
        return number


class VariantFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if not form.cleaned_data.get("DELETE")]
        kept = [fields for fields in kept if fields]
        total = sum(fields.get("share_per_10000") or 0 for fields in kept)
        if total > WHOLE:
            raise ValidationError(f"The shares add up to {total} of {WHOLE}: lower one by {total - WHOLE}.")
        if sum(bool(fields.get("control")) for fields in kept) > 1:
            raise ValidationError("Mark one variant as the control, not several.")


class _OfDraft(TabularInline):
    """What is settled once the experiment has begun: changing it would change what its users are compared by."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_add_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))


class VariantInline(_OfDraft):
    model = Variant
    form = VariantForm
    formset = VariantFormSet


class GuardrailInline(_OfDraft):
    model = Guardrail
    verbose_name_plural = "guardrails (empty: the usual ones)"


class ForcedInline(TabularInline):
    model = Forced
    extra = 0
    raw_id_fields = ["user"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **rest: Any) -> Any:
        if db_field.name == "variant" and request.resolver_match is not None:
            experiment_id = str(request.resolver_match.kwargs["object_id"])
            rest["queryset"] = Variant.objects.filter(experiment_id=experiment_id)
        return super().formfield_for_foreignkey(db_field, request, **rest)


class ReasonForm(forms.Form):
    why = forms.CharField(label="Why", max_length=1000, widget=UnfoldAdminTextareaWidget({"rows": 3}))


class TrafficForm(ReasonForm):
    field_order = ["traffic", "why"]
    traffic = forms.DecimalField(
        label="Percent of all users",
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget({"step": "0.01"}),
    )


@admin.register(Layer)
class LayerAdmin(ModelAdmin):
    list_display = ["name", "note"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    list_display = ["name", "status", "traffic", "surface", "layer", "started_at", "stopped_at"]
    list_filter = ["status", "surface", "layer"]
    list_select_related = ["layer"]
    search_fields = ["name", "hypothesis"]
    inlines = [VariantInline, GuardrailInline, ForcedInline]
    actions_detail = ["read_out", "start_experiment", "ramp_experiment", "stop_experiment", "ship"]
    fields = [
        "name",
        "hypothesis",
        "surface",
        "layer",
        "holdout",
        "reading",
        "planned_users",
        "planned_days",
        "ends_at",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> list[str]:
        return [] if _is_draft(obj) else [name for name in self.fields if name != "ends_at"]

    def get_inlines(self, request: HttpRequest, obj: Experiment | None) -> list[Any]:
        # Whom to force is known once there are variants.
        return self.inlines if obj is not None else self.inlines[:2]

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return _is_draft(obj) and bool(super().has_delete_permission(request, obj))

    def get_actions(self, request: HttpRequest) -> Any:
        # One by one, so that none that runs goes with the drafts.
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        add_guardrails(form.instance)

    @admin.display(description="Users", ordering="traffic_bp")
    def traffic(self, experiment: Experiment) -> str:
        return f"{experiment.traffic_bp / 100:g} %" if experiment.traffic_bp else "–"

    def has_move_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return request.user.has_perm("experiments.change_experiment")

    @action(description="Read-out", icon="query_stats", url_path="read-out", permissions=["view"])
    def read_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        experiment = get_object_or_404(Experiment, pk=object_id)
        return read_out_page(request, self.admin_site, experiment, back=_page_of(experiment))

    @action(description="Start", icon="play_arrow", url_path="start", permissions=["move"])
    def start_experiment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        experiment = get_object_or_404(Experiment, pk=object_id)
        if must_wait_for(experiment, by=request.user.get_username()):
            self.message_user(request, f"Not started. {WAITS}", messages.ERROR)
            return redirect(_page_of(experiment))
        return self._with_traffic(request, object_id, "Start", start)

    @action(description="Ramp", icon="trending_up", url_path="ramp", permissions=["move"])
    def ramp_experiment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._with_traffic(request, object_id, "Ramp", ramp)

    @action(description="Stop", icon="stop", url_path="stop", permissions=["move"])
    def stop_experiment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        experiment = get_object_or_404(Experiment, pk=object_id)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._moved(request, experiment, stop, why=form.cleaned_data["why"])
        text = "From the next second on all its users get what is published. A stopped experiment isn't started again."
        return self._asked(request, experiment, "Stop", text, form)

    def has_ship_permission(self, request: HttpRequest, _obj: object = None) -> bool:
        return may_ship(request)

    @action(description="Ship to everybody", icon="rocket_launch", url_path="ship", permissions=["ship"])
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return shipping(request, object_id)

    def _with_traffic(
        self, request: HttpRequest, object_id: str, verb: str, move: Callable[..., None]
    ) -> HttpResponse:
        experiment = get_object_or_404(Experiment, pk=object_id)
        form = TrafficForm(request.POST or None, initial={"traffic": (experiment.traffic_bp or 500) / 100})
        if request.method == "POST" and form.is_valid():
            traffic_bp = round(form.cleaned_data["traffic"] * 100)
            return self._moved(request, experiment, move, traffic_bp=traffic_bp, why=form.cleaned_data["why"])
        text = (
            "Its variants, shares and plan are settled from then on."
            if verb == "Start"
            else f"Now {experiment.traffic_bp / 100:g} % of the users. Whoever stays keeps the arm."
        )
        return self._asked(request, experiment, verb, text, form)

    def _asked(
        self, request: HttpRequest, experiment: Experiment, verb: str, text: str, form: forms.Form
    ) -> HttpResponse:
        confirmation = Confirmation(f"{verb} {experiment}", text, verb, _page_of(experiment), form)
        return ask(request, self.admin_site, confirmation)

    def _moved(
        self, request: HttpRequest, experiment: Experiment, move: Callable[..., None], **values: Any
    ) -> HttpResponse:
        try:
            move(experiment.pk, by=request.user.get_username(), now=timezone.now(), **values)
        except NotAllowed as error:
            self.message_user(request, f"Nothing has changed: {error}", messages.ERROR)
            return redirect(_page_of(experiment))
        done = experiment.changes.latest("id").what
        self.log_change(request, experiment, done)
        self.message_user(request, done, messages.SUCCESS)
        return redirect(f"{_page_of(experiment, 'read_out')}")


def _is_draft(experiment: Experiment | None) -> bool:
    return experiment is None or experiment.status == Experiment.Status.DRAFT


def _page_of(experiment: Experiment, page: str = "change") -> str:
    return reverse(f"admin:experiments_experiment_{page}", args=[experiment.pk])
