"""Between the password and the pages: who owes a code sees the page that asks for it, and no other."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings  # noqa: TID251  Django's own name of the cookie
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from console.second_factor.factors import owed

_PAGES = {"code": "console:second-factor-code", "enrol": "console:second-factor-enrol"}
_OPEN = {"admin:logout", *_PAGES.values()}
# Opened by keys, never by a session.
_NO_SESSION = ("/api/", "/metrics", "/livez", "/readyz")


class SecondFactorGate:
    """A middleware; closed by default: whatever view is added stands behind it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(_NO_SESSION):
            return None
        step = owed(request.user)
        match = request.resolver_match
        if step is None or (match is not None and match.view_name in _OPEN):
            return None
        wanted = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        return redirect(f"{reverse(_PAGES[step])}?{urlencode({'next': wanted})}")
