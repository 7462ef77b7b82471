"""Who may open a page of the editor, and what each page is drawn with."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

VIEW = "retrieval.view_mixrevision"
WRITE = "retrieval.add_mixrevision"
PUBLISH = "retrieval.publish_mixrevision"
SEE_PEOPLE = "catalog.view_user"
TRY_OUT = ("experiments.add_experiment", "experiments.change_experiment")

View = Callable[..., HttpResponse]


def needs(*permissions: str) -> Callable[[View], View]:
    """Decorator: refuses whoever lacks one of these, before anything is looked for."""

    def guarded(view: View) -> View:
        @wraps(view)
        def open_page(request: HttpRequest, *rest: Any, **named: Any) -> HttpResponse:
            if not request.user.has_perms(permissions):
                raise PermissionDenied
            return view(request, *rest, **named)

        return open_page

    return guarded


def rights_of(request: HttpRequest) -> dict[str, bool]:
    """What the pages offer a button for."""
    may = request.user.has_perm
    return {
        "write": may(WRITE),
        "publish": may(PUBLISH),
        "preview": may(SEE_PEOPLE),
        "try_out": may(PUBLISH) and request.user.has_perms(TRY_OUT),
    }


def page(request: HttpRequest, name: str, title: str, **context: Any) -> HttpResponse:
    """A page of the editor in the admin's frame; `name`: of its template."""
    whole = {**admin.site.each_context(request), "title": title, "may": rights_of(request), **context}
    return TemplateResponse(request, f"console/mixing/{name}.html", whole)


def log(request: HttpRequest, row: Model, words: str, flag: int = CHANGE) -> None:
    """A line in the admin's own log, which the page of the row and that of its author show."""
    LogEntry.objects.log_actions(str(request.user.pk), [row], flag, change_message=words, single_object=True)
