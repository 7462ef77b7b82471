"""The cache in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from console.admin.access import Desk
from console.cache.figures import LEVELS, levels
from console.cache.forms import InvalidationForm
from console.cache.past import past_of
from console.cache.warming import first_in_line, warm_up
from console.config import config
from console.models import CachePage
from retrieval.erasing import user_hash
from retrieval.invalidation import Invalidated, invalidate
from retrieval.metrics import registry

_CHANGES_SHOWN = 20
_KINDS = ("users", "items", "creators", "tags")


@admin.register(CachePage)
class CacheAdmin(Desk):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_invalidate = request.user.has_perm("console.invalidate_cache")
        form = InvalidationForm(request.POST or None)
        if request.method == "POST":
            if not may_invalidate:
                raise PermissionDenied
            if form.is_valid():
                return self._invalidated(request, form.cleaned_data)
        plan = first_in_line(timezone.now()) if "plan" in request.GET else []
        now = timezone.now()
        past = past_of({name: title for name, (title, _) in LEVELS.items()}, now)
        found = levels(registry(config().metrics_dir).collect())
        context = {
            **self.admin_site.each_context(request),
            "title": "Cache",
            "levels": [(level, past[level.name]) for level in found],
            "warm": warm_up(),
            "plan": plan,
            "planned": "plan" in request.GET,
            "form": form if may_invalidate else None,
            "changes": _changes(),
        }
        return TemplateResponse(request, "console/cache/page.html", context)

    def _invalidated(self, request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
        done = invalidate(**{kind: asked[kind] for kind in _KINDS})
        # A person is named by a keyed hash: the log outlives them.
        named = {**asked, "users": [user_hash(name)[:12] for name in asked["users"]]}
        what = "; ".join(f"{kind}: {', '.join(named[kind])}" for kind in _KINDS if named[kind])
        self.log_change(request, CachePage(pk=1), f"Made anew: {what}. {_outcome(done)} Why: {asked['why']}")
        self.message_user(request, _outcome(done), messages.SUCCESS)
        return redirect(request.path)


def _outcome(done: Invalidated) -> str:
    if done.all_lists:
        return f"More than 10,000 items: everybody's candidates are made anew, and all of {done.users} users."
    return (
        f"From the next request on: all of {done.users} users, and candidates with one of {done.items} items."
    )


def _changes() -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(CachePage, for_concrete_model=False)
    entries = LogEntry.objects.filter(content_type=kind).select_related("user")
    return list(entries.order_by("-id")[:_CHANGES_SHOWN])
