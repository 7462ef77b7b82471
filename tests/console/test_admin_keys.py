import re

import pytest

from api.models import ApiKey
from tests.console.staff import logged_in

pytestmark = pytest.mark.django_db
FORM = {"name": "shop", "scopes": ["read", "events"], "expiry_date_0": "", "expiry_date_1": ""}


def test_a_new_key_is_shown_once_and_opens_what_was_ticked() -> None:
    client = logged_in()
    shown = client.post("/admin/api/apikey/add/", FORM, follow=True).content.decode()
    key = ApiKey.objects.get()
    told = re.search(rf"{key.prefix}\.\w+", shown)
    assert told is not None
    assert key.is_valid(told[0])
    assert key.scopes == ["read", "events"]
    assert told[0] not in client.get(f"/admin/api/apikey/{key.pk}/change/").content.decode()


def test_a_key_without_a_scope_is_refused() -> None:
    logged_in().post("/admin/api/apikey/add/", {**FORM, "scopes": []})
    assert not ApiKey.objects.exists()


def test_an_unknown_scope_is_refused() -> None:
    logged_in().post("/admin/api/apikey/add/", {**FORM, "scopes": ["root"]})
    assert not ApiKey.objects.exists()


def test_a_revoked_key_stays_revoked() -> None:
    key, _ = ApiKey.objects.create_key(name="old", scopes=["read"], revoked=True)
    logged_in().post(f"/admin/api/apikey/{key.pk}/change/", FORM)
    key = ApiKey.objects.get()
    assert (key.revoked, key.name) == (True, "old")
