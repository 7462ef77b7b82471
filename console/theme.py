"""The admin's looks: unfold, in the colors of the pages."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


def _mark(_request: HttpRequest) -> str:
    return static("console/mark.svg")


def _styles(_request: HttpRequest) -> str:
    return static("console/admin.css")


def _metrics_styles(_request: HttpRequest) -> str:
    return static("console/metrics.css")


# The key is the step's lightness, from the lightest.
_PRIMARY = {
    "50": "#eefaf7",
    "100": "#d5f2ec",
    "200": "#aee5da",
    "300": "#7ad1c3",
    "400": "#45b5a7",
    "500": "#1f998d",
    "600": "#08736c",
    "700": "#0a5f5b",
    "800": "#0d4c4a",
    "900": "#07393c",
    "950": "#042628",
}


def _list(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    """A model's list in the sidebar, for those who may see it; `icon` is a name of Material Symbols."""

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{model}")

    link = reverse_lazy(f"admin:{app}_{model}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_view}


def _desk() -> dict[str, Any]:
    """The mix editor's first page, for those who may see mixes."""
    beside = _list("Mix editor", "tune", "retrieval", "mixrevision")
    link = reverse_lazy("admin:retrieval_mixrevision_desk")
    return {**beside, "link": link, "active": _in_editor}


def _revisions() -> dict[str, Any]:
    """The admin's own pages of them."""
    beside = _list("Mix revisions", "history", "retrieval", "mixrevision")
    return {**beside, "active": lambda request: _among_revisions(request) and not _in_editor(request)}


def _among_revisions(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:retrieval_mixrevision_changelist"))


def _in_editor(request: HttpRequest) -> bool:
    lists = ("changelist", "change", "add", "history")
    match = request.resolver_match
    name = (match.url_name if match else "") or ""
    return _among_revisions(request) and name not in {f"retrieval_mixrevision_{one}" for one in lists}


def _among_imports(request: HttpRequest) -> bool:
    """The pages of those that came by command stand behind the same list."""
    return request.path.startswith(
        tuple(reverse(f"admin:{app}_importrun_changelist") for app in ("console", "catalog"))
    )


_NAVIGATION = [
    {
        "items": [
            {"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")},
            {
                "title": "Inspector",
                "icon": "search_insights",
                "link": reverse_lazy("console:inspector"),
                "permission": lambda request: request.user.has_perm("catalog.view_user"),
            },
            {"title": "API", "icon": "api", "link": "/api/docs/"},
        ],
    },
    {
        "title": "Metrics",
        "separator": True,
        "items": [
            {
                **_list("On line", "monitoring", "retrieval", "daytotals"),
                # The theme would light it up for what is below it, too.
                "active": lambda request: request.path == reverse("admin:retrieval_daytotals_changelist"),
            },
            {
                **_list("Sources' worth", "workspaces", "retrieval", "daytotals"),
                "link": reverse_lazy("admin:retrieval_daytotals_sources"),
            },
            _list("Error budget", "health_and_safety", "retrieval", "requestday"),
        ],
    },
    {
        "title": "What is served",
        "separator": True,
        "items": [
            _desk(),
            _revisions(),
            _list("Published mixes", "publish", "retrieval", "publishedmix"),
            {
                "title": "Trending",
                "icon": "local_fire_department",
                "link": reverse_lazy("admin:catalog_item_trending"),
                "permission": lambda request: request.user.has_perm("catalog.view_item"),
            },
            _list("Model versions", "deployed_code", "retrieval", "modelversion"),
            _list("New items", "fiber_new", "coldstart", "trial"),
            _list("Experiments", "science", "experiments", "experiment"),
            _list("Layers of experiments", "layers", "experiments", "layer"),
            _list("Cache", "bolt", "console", "cachepage"),
        ],
    },
    {
        "title": "Catalogue",
        "separator": True,
        "items": [
            _list("Items", "movie", "catalog", "item"),
            _list("Users", "group", "catalog", "user"),
            _list("Creators", "palette", "catalog", "creator"),
            _list("Event types", "bolt", "catalog", "eventtype"),
            _list("Follows", "person_add", "catalog", "follow"),
            _list("Creator follows", "bookmark_add", "catalog", "creatorfollow"),
            _list("Blocks", "block", "catalog", "block"),
        ],
    },
    {
        "title": "Data",
        "separator": True,
        "items": [
            {**_list("Imports", "upload_file", "console", "importrun"), "active": _among_imports},
            _list("Exports and partitions", "database", "console", "datapage"),
            _list("Erasures", "person_off", "retrieval", "erasure"),
        ],
    },
    {
        "title": "New people",
        "separator": True,
        "items": [
            _list("Interests", "interests", "coldstart", "interest"),
            _list("Answers", "checklist", "coldstart", "surveyanswer"),
            _list("Consent texts", "contract", "coldstart", "consent"),
            _list("People alike", "diversity_3", "coldstart", "demographiccell"),
        ],
    },
    {
        "title": "Access",
        "separator": True,
        "items": [
            _list("API keys", "key", "api", "apikey"),
            _list("Staff", "badge", "auth", "user"),
            _list("Groups", "groups", "auth", "group"),
        ],
    },
]
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Headwater",
    "SITE_HEADER": "Headwater",
    "SITE_URL": "/",
    "SITE_SYMBOL": "water",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    "LOGIN": {"form": "console.entering.LogInForm"},
    "ACCOUNT": {"navigation": [{"title": "Second factor", "link": reverse_lazy("console:second-factor")}]},
    "STYLES": [_styles, _metrics_styles],
    "ENVIRONMENT": "console.notices.environment_badge",
    "COLORS": {"primary": _PRIMARY},
    "DASHBOARD_CALLBACK": "console.dashboard.dashboard",
    "SIDEBAR": {"navigation": _NAVIGATION},
}
