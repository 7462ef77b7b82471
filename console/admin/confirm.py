"""One page that asks before something changes what users get: a GET asks, its POST does."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


@dataclass(frozen=True, slots=True)
class Confirmation:
    title: str
    text: str
    button: str
    back: str  # where "No" leads
    form: forms.Form | None = None


def ask(request: HttpRequest, site: AdminSite, confirmation: Confirmation) -> HttpResponse:
    """The page with the question, a form where one is needed, and the difference it will make."""
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": confirmation.title,
        "confirmation": confirmation,
    }
    return TemplateResponse(request, "console/admin/confirm.html", context)
