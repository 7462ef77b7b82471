"""Experiments and the share of users that each variant gets."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold.admin import ModelAdmin, TabularInline

from experiments.models import Experiment, Variant
from retrieval.models import MixRevision

WHOLE = 10_000


class VariantForm(forms.ModelForm):
    class Meta:
        model = Variant
        fields = ["name", "share_per_10000", "mix_revision"]

    def clean_mix_revision(self) -> int:
        number: int = self.cleaned_data["mix_revision"]
        if not MixRevision.objects.filter(number=number).exists():
            raise ValidationError(f"There is no mix revision {number}.")
        return number


class VariantFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if not form.cleaned_data.get("DELETE")]
        total = sum(fields.get("share_per_10000") or 0 for fields in kept)
        if total > WHOLE:
            raise ValidationError(f"The shares add up to {total} of {WHOLE}: lower one by {total - WHOLE}.")


class VariantInline(TabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    extra = 0


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    list_display = ["name", "surface", "running", "created_at"]
    list_filter = ["running", "surface"]
    search_fields = ["name"]
    inlines = [VariantInline]
