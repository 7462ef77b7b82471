"""What may be done in the admin, as small parents of its pages."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

# Whoever sees more of them types another letter.
MATCHES_AT_MOST = 1000


class ShowsData(ModelAdmin):
    """A page of a model; says first what must be known of the data, where there is such a notice."""

    list_before_template = "console/admin/notice.html"
    change_form_before_template = "console/admin/notice.html"


class ReadOnly(ShowsData):
    """What is written elsewhere: by the API, by imports, or by the actions of the page."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Illustrated(ReadOnly):
    """A row's page has more on it than its fields."""

    def shown_with(self, row: Any) -> dict[str, Any]:
        """By the names that `change_form_before_template` knows."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        shown = {} if row is None else self.shown_with(row)
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **shown}
        )
        return answer


class Desk(ReadOnly):
    """A page that stands where a model's list would; behind its model is no table, so there are no rows to open."""

    def get_urls(self) -> list[URLPattern]:
        return [url for url in super().get_urls() if str(url.name).endswith(("_changelist", "_add"))]


class LargeTable(ReadOnly):
    """A table of millions: never counted, never sorted or searched but by an index."""

    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ["-id"]
    list_per_page = 50
    sortable_by: list[str] = []

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The first matches by the index, in the list's order. Read by themselves: asked for both at once, even as a
        subquery, Postgres walks all of the list in its order and looks for matches on the way, where there are many."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, repeats
        first = list(found.order_by().values_list("pk", flat=True)[:MATCHES_AT_MOST])
        return queryset.filter(pk__in=first), repeats
