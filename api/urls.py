"""The REST API's URLs. What is more specific stands first: an id may contain slashes."""

from django.urls import URLPattern, URLResolver, include, path, re_path

import api.paths  # noqa: F401  registers <any:…>
from api import health
from api.assignments import UserAssignments
from api.candidates import views as candidates
from api.discovery import views as discovery
from api.docs import Docs, Schema
from api.invalidation import CacheInvalidation
from api.onboarding import views as onboarding
from api.privacy import views as privacy
from api.problems import not_found
from api.writing import catalog_views
from api.writing.events import Events
from api.writing.impressions import Impressions

v1: list[URLPattern | URLResolver] = [
    path("schema", Schema.as_view(), name="schema"),
    path("candidates", candidates.Candidates.as_view(), name="candidates"),
    path("sessions/candidates", candidates.SessionCandidates.as_view(), name="session-candidates"),
    path("cache/invalidate", CacheInvalidation.as_view(), name="invalidate-cache"),
    path("events", Events.as_view(), name="events"),
    path("impressions", Impressions.as_view(), name="impressions"),
    path("items", catalog_views.Items.as_view(), name="items"),
    path("users", catalog_views.Users.as_view(), name="users"),
    path("follows", catalog_views.Follows.as_view(), name="follows"),
    path("blocks", catalog_views.Blocks.as_view(), name="blocks"),
    path("trending", discovery.Trending.as_view(), name="trending"),
    path("users/<any:user_id>/candidates", candidates.UserCandidates.as_view(), name="user-candidates"),
    path(
        "users/<any:user_id>/candidates/<str:source>",
        candidates.SourceCandidates.as_view(),
        name="source-candidates",
    ),
    path("users/<any:user_id>/assignments", UserAssignments.as_view(), name="user-assignments"),
    path("users/<any:user_id>/why/<any:item_id>", candidates.Why.as_view(), name="why"),
    path("onboarding/interests", onboarding.Interests.as_view(), name="interests"),
    path("users/<any:user_id>/interests", onboarding.UserInterests.as_view(), name="user-interests"),
    path("users/<any:user_id>/welcome-link", onboarding.WelcomeLink.as_view(), name="welcome-link"),
    path("users/<any:user_id>/export", privacy.UserExport.as_view(), name="user-export"),
    path("users/<any:user_id>", privacy.User.as_view(), name="user"),
    path("erasures/<uuid:receipt>", privacy.ErasureReceipt.as_view(), name="erasure"),
    path("items/<any:item_id>/similar", discovery.SimilarItems.as_view(), name="similar"),
    path("items/<any:item_id>/audience", discovery.Audience.as_view(), name="audience"),
    path("items/<any:item_id>", catalog_views.Item.as_view(), name="item"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/docs/", Docs.as_view(), name="api-docs"),
    path("api/v1/", include(v1)),
    re_path(r"^api(?:/|$)", not_found),
]
