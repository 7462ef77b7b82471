"""Every page of the admin, found in its URL configuration, asked for by somebody who has no right to anything."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver

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
