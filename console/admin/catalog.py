"""The catalogue: written through the API and by imports, looked up here."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from catalog.models import Block, Creator, CreatorFollow, EventType, Follow, Item, User
from console.admin.access import Illustrated, LargeTable
from console.admin.evidence import creator_evidence
from console.admin.trending_page import trending_page


@admin.register(User)
class UserAdmin(LargeTable):
    list_display = ["external_id", "age_group", "location", "language", "social_opt_out", "created_at"]
    search_fields = ["external_id__startswith"]
    search_help_text = "The beginning of an external id."


@admin.register(Item)
class ItemAdmin(LargeTable):
    list_display = ["external_id", "title", "category", "tags", "language", "published_at", "active"]
    list_select_related = ["creator"]
    search_fields = ["external_id__startswith"]
    search_help_text = "The beginning of an external id."
    actions = ["take_out", "put_back"]

    def get_urls(self) -> list[URLPattern]:
        trending = path("trending/", self.admin_site.admin_view(self.trending), name="catalog_item_trending")
        urls: list[URLPattern] = super().get_urls()
        return [trending, *urls]

    def trending(self, request: HttpRequest) -> HttpResponse:
        """What is hot; nothing is changed there."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return trending_page(request, self.admin_site, back=reverse("admin:catalog_item_changelist"))

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_item")

    @admin.action(description="Take out: recommend to nobody", permissions=["moderate"])
    def take_out(self, request: HttpRequest, items: QuerySet[Item]) -> None:
        self._switch(request, items, active=False)

    @admin.action(description="Put back", permissions=["moderate"])
    def put_back(self, request: HttpRequest, items: QuerySet[Item]) -> None:
        self._switch(request, items, active=True)

    def _switch(self, request: HttpRequest, items: QuerySet[Item], *, active: bool) -> None:
        # `updated_at` is what the tasks that embed and list items go by.
        changed = items.exclude(active=active).update(active=active, updated_at=timezone.now())
        self.message_user(request, f"{changed} changed; the next request sees it.", messages.SUCCESS)


@admin.register(Creator)
class CreatorAdmin(LargeTable, Illustrated):
    list_display = ["external_id", "name"]
    search_fields = ["external_id__startswith"]
    search_help_text = "The beginning of an external id."
    change_form_before_template = "console/admin/creator.html"

    def shown_with(self, row: Creator) -> dict[str, Any]:
        return creator_evidence(row)


@admin.register(Follow)
class FollowAdmin(LargeTable):
    list_display = ["follower", "followee", "created_at"]
    list_select_related = ["follower", "followee"]
    search_fields = ["follower__external_id__exact"]
    search_help_text = "The follower's external id."


@admin.register(CreatorFollow)
class CreatorFollowAdmin(LargeTable):
    list_display = ["user", "creator", "created_at"]
    list_select_related = ["user", "creator"]
    search_fields = ["user__external_id__exact"]
    search_help_text = "The user's external id."


@admin.register(Block)
class BlockAdmin(LargeTable):
    list_display = ["user", "item", "creator", "tag", "created_at"]
    list_select_related = ["user", "item", "creator"]
    search_fields = ["user__external_id__exact"]
    search_help_text = "The user's external id."


@admin.register(EventType)
class EventTypeAdmin(ModelAdmin):
    """A type is never deleted: histories refer to it. Retire it instead."""

    list_display = ["name", "weight", "active"]

    def has_delete_permission(self, request: HttpRequest, obj: EventType | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: EventType | None = None) -> list[str]:
        return ["name"] if obj else []
