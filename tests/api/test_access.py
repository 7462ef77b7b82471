"""Every route, found in the URL configuration, against every kind of key."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from api.models import Scope
from api.view import ApiView

# Open to everyone on purpose: a description of the API, and two words for the load balancer.
PUBLIC = {"schema", "api-docs", "livez", "readyz"}
HAS_ITS_OWN_TOKEN = {"metrics"}
SAMPLES = {"user_id": "7", "item_id": "11", "source": "trending", "receipt": str(UUID(int=7))}


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, route)
        else:
            found.append((route, pattern))
    return found


def api_routes() -> list[tuple[str, URLPattern]]:
    return [
        (route, pattern) for route, pattern in routes(get_resolver("api.urls").url_patterns) if pattern.name
    ]


def view_class(pattern: URLPattern) -> type[ApiView] | None:
    return getattr(pattern.callback, "cls", None)


def operations() -> list[tuple[str, str, str]]:
    """(method, path, scope) of everything that needs a key."""
    found = []
    for route, pattern in api_routes():
        view = view_class(pattern)
        if pattern.name in PUBLIC | HAS_ITS_OWN_TOKEN or view is None:
            continue
        path = "/" + route
        for name, sample in SAMPLES.items():
            for converter in ("any", "str", "uuid"):
                path = path.replace(f"<{converter}:{name}>", sample)
        for method in ("get", "post", "put", "delete"):
            if hasattr(view, method):
                scope = view.required_scope
                found.append((method, path, scope if isinstance(scope, str) else scope[method.upper()]))
    return found


OPERATIONS = operations()
EVERY_OPERATION = pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)


def send(method: str, path: str, key: str | None) -> int:
    headers = {"authorization": f"Api-Key {key}"} if key else {}
    response = Client().generic(method, path, b"{}", content_type="application/json", headers=headers)
    return response.status_code


@pytest.mark.parametrize(("route", "pattern"), api_routes())
def test_every_route_declares_its_scope_or_is_known_to_be_open(route, pattern):
    if pattern.name in PUBLIC | HAS_ITS_OWN_TOKEN:
        return
    view = view_class(pattern)
    assert view is not None
    assert issubclass(view, ApiView)
    declared = view.required_scope
    methods = {m.upper() for m in ("get", "post", "put", "delete") if hasattr(view, m)}
    assert set(declared if isinstance(declared, dict) else methods) == methods
    assert set(declared.values() if isinstance(declared, dict) else [declared]) <= set(Scope.values)


def test_there_is_something_to_protect():
    assert len(OPERATIONS) >= 4


@EVERY_OPERATION
@pytest.mark.django_db
def test_without_a_key_nothing_opens(method, path, scope):
    assert send(method, path, None) == 401


@EVERY_OPERATION
def test_with_every_scope_but_the_right_one_nothing_opens(method, path, scope, make_key):
    others = set(Scope.values) - {scope, "admin"}

    assert send(method, path, make_key(*others)) == 403


@EVERY_OPERATION
def test_a_revoked_key_opens_nothing(method, path, scope, make_key):
    assert send(method, path, make_key(scope, "admin", revoked=True)) == 401


@EVERY_OPERATION
def test_an_expired_key_opens_nothing(method, path, scope, make_key):
    yesterday = timezone.now() - timedelta(days=1)

    assert send(method, path, make_key(scope, "admin", expiry_date=yesterday)) == 401


@EVERY_OPERATION
def test_a_key_without_scopes_opens_nothing(method, path, scope, make_key):
    assert send(method, path, make_key()) == 403
