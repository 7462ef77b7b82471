"""Every page of the admin, found in its URL configuration, asked for by somebody who has no right to anything."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, resolve

from console.roles import ROLES

# The door, its own account, and the page that says what one may do: nothing.
OPEN_TO_STAFF = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "jsi18n",
    "view_on_site",
}
# Lists what there is to search for, by what one may see.
SHOWS_WHAT_ONE_MAY_SEE = {"search"}


def pages() -> list[str]:
    """The path of each page, with 1 in place of what it is of."""
    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif pattern.name and pattern.name not in OPEN_TO_STAFF | SHOWS_WHAT_ONE_MAY_SEE:
                path = re.sub(r"<[^>]+>", "1", route)
                if re.fullmatch(r"[\w/.-]+", path):
                    found.append(path)

    walk(admin.site.urls[0], "")
    return sorted(set(found))


@pytest.fixture
def nobody(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    return client


@pytest.mark.parametrize("path", pages())
def test_who_has_no_right_sees_and_does_nothing(nobody: Client, path: str):
    # Not 404 either: then it would have looked for the thing before it asked who wants it. Django's own history does.
    refusals = [(403, None), (405, None)] + [(302, "/admin/")] * path.endswith("/history/")
    for answer in (nobody.get(f"/admin/{path}"), nobody.post(f"/admin/{path}")):
        assert (answer.status_code, answer.headers.get("Location")) in refusals


def test_there_are_pages_of_every_kind():
    kinds = {path.rstrip("/").rpartition("/")[2] for path in pages()}

    assert kinds >= {"add", "change", "delete", "read-out", "search", "promote"}


VIEWER, TUNER, ENGINEER, ADMINISTRATOR = ROLES
# Who is the first to open a section's lists and records; the others are open to viewers.
SEES = {
    "auth/user": ADMINISTRATOR,
    "auth/group": ADMINISTRATOR,
    "api/apikey": ADMINISTRATOR,
    "catalog/user": TUNER,
    "catalog/follow": TUNER,
    "catalog/creatorfollow": TUNER,
    "catalog/block": TUNER,
    "coldstart/surveyanswer": TUNER,
}
# Who is the first to do something there; nobody where there is no line, as what is written elsewhere is only shown.
DOES = {
    "api/apikey": {"add": ADMINISTRATOR},
    "auth/group": {"add": ADMINISTRATOR, "delete": ADMINISTRATOR},
    "auth/user": {
        "add": ADMINISTRATOR,
        "delete": ADMINISTRATOR,
        "password": ADMINISTRATOR,
        "reset-second-factor": ADMINISTRATOR,
    },
    "catalog/eventtype": {"add": ENGINEER},
    "coldstart/consent": {"add": ADMINISTRATOR},
    "console/importrun": {"add": ENGINEER},
    "coldstart/interest": {"add": ENGINEER, "delete": ENGINEER, "suggest": ENGINEER},
    "experiments/experiment": {
        "add": TUNER,
        "delete": TUNER,
        "ramp": TUNER,
        "read-out": VIEWER,
        "start": TUNER,
        "stop": TUNER,
    },
    "experiments/layer": {"add": TUNER},
    "retrieval/mixrevision": {"add": TUNER, "follow": TUNER, "publish": TUNER},
    "retrieval/modelversion": {"promote": ENGINEER, "roll-back": ENGINEER, "search": VIEWER},
}


def may_open(user: User, path: str) -> bool:
    """Whether the view lets the user in; the page itself is not rendered."""
    request = RequestFactory().get(f"/admin/{path}")
    request.user, request.resolver_match = user, resolve(request.path)
    request._messages = CookieStorage(request)
    match = request.resolver_match
    try:
        match.func(request, *match.args, **match.kwargs)
    except PermissionDenied:
        return False
    except Http404:  # it looked for the thing, and there is none here
        return True
    return True


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """One of the staff in each role."""
    people = {role: User.objects.create_user(role, is_staff=True) for role in ROLES}
    for role, person in people.items():
        person.groups.add(Group.objects.get(name=role))
    return people


def test_each_role_opens_its_pages_and_no_others(staff: dict[str, User]):
    for path in pages():
        found = re.fullmatch(r"(\w+/\w+)/(?:1/)?(?:([\w-]+)/)?", path)
        # Django's history of what isn't there says so to everybody.
        if found is None or found[2] == "history":
            continue
        section, page = found.groups()
        lowest: str | None
        opened = tuple(role for role in ROLES if may_open(staff[role], path))
        if page in {None, "change"}:
            lowest = SEES.get(section, VIEWER)
        elif page in {"add", "delete"} or page in DOES.get(section, {}):
            lowest = DOES.get(section, {}).get(page)
        else:  # a page of its own: nobody opens it who doesn't see what it is about
            lowest = opened[0] if opened else None
            assert lowest is None or ROLES.index(lowest) >= ROLES.index(SEES.get(section, VIEWER)), path
        assert opened == (ROLES[ROLES.index(lowest) :] if lowest else ()), path
