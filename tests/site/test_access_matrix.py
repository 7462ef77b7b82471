"""Every route that the site has, found in its URL configuration: whoever adds one has to say here who may use it.

Operations of the API against every kind of key: tests/api/test_access.py. Pages of the admin for staff without rights:
tests/console/test_staff_rights.py.
"""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, get_resolver

from api.models import ApiKey, Scope
from api.view import ApiView
from tests.api.test_access import OPERATIONS, routes
from tests.console.staff import superuser
from tests.console.test_staff_rights import pages

pytestmark = pytest.mark.django_db
# Open to everybody, each for its reason.
OPEN = {
    "": "the home page: what this is and where to go, nothing of anybody",
    "livez": "for load balancers",
    "readyz": "for load balancers",
    "api/docs/": "a description",
    "api/v1/schema": "a description",
    "^api(?:/|$)": "what is not there",
    "admin/login/": "the door",
}
# A token or a signature in the request opens them, with tests of their own.
OPENED_OTHERWISE = {"metrics": "the metrics token"}
SIGNED = "welcome/"  # links that name one person and expire
STAFF = {"inspector/"}
# Of one's own account: whoever is of the staff.
OWN = {f"admin/second-factor/{page}" for page in ("", "code/", "enrol/")}


def every_route() -> dict[str, URLPattern]:
    return dict(routes(get_resolver(None).url_patterns))


def kind_of(route: str, pattern: URLPattern) -> str:
    if route in {*OPEN, *OPENED_OTHERWISE}:
        return "known"
    if route.startswith("admin/"):
        return "admin"
    if isinstance(getattr(pattern.callback, "cls", None), type) and issubclass(pattern.callback.cls, ApiView):
        return "api"
    if route.startswith(SIGNED):
        return "signed"
    return "staff" if route in STAFF else "unknown"


def test_no_route_is_there_without_a_word_on_who_may_use_it():
    unknown = [route for route, pattern in every_route().items() if kind_of(route, pattern) == "unknown"]

    assert unknown == [], "say in this file who may use it, and test that nobody else can"


def test_what_is_listed_here_exists():
    assert {*OPEN, *OPENED_OTHERWISE, *STAFF, *OWN} <= set(every_route())


def closed_pages() -> list[str]:
    """Paths of the admin and the inspector, with 1 in place of what each is of."""
    return [*(f"/admin/{path}" for path in pages()), *(f"/{path}" for path in sorted(STAFF | OWN))]


def opened_by(client: Client, paths: list[str]) -> list[str]:
    """Those that do not send to the log-in, asked and told to."""
    found = []
    for path in paths:
        for answer in (client.get(path), client.post(path)):
            if answer.status_code == 302 and re.match(r"/admin/login/", answer["Location"]):
                continue
            if answer.status_code != 405:
                found.append(f"{answer.status_code} {path}")
    return found


def test_nobody_who_is_not_logged_in_sees_a_page():
    assert len(closed_pages()) > 80
    assert opened_by(Client(), closed_pages()) == []


def test_an_account_that_is_not_of_the_staff_sees_no_page():
    client = Client()
    client.force_login(User.objects.create_user("customer"))

    assert opened_by(client, closed_pages()) == []


def test_a_key_for_everything_opens_no_page():
    _, key = ApiKey.objects.create_key(name="all", scopes=list(Scope.values))
    client = Client(headers={"authorization": f"Api-Key {key}"})

    assert opened_by(client, closed_pages()) == []


def test_a_session_of_the_staff_opens_nothing_of_the_api():
    client = Client()
    client.force_login(superuser())

    opened = [
        (method, path)
        for method, path, _ in OPERATIONS
        if client.generic(method, path, b"{}", content_type="application/json").status_code != 401
    ]
    assert opened == []
