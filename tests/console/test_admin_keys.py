import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from api.authentication import VerifiedKeys
from api.models import ApiKey
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
FORM = {"name": "shop", "scopes": ["read", "events"], "expiry_date_0": "", "expiry_date_1": "", "why": ""}


def a_key(**fields: object) -> tuple[ApiKey, str]:
    key, secret = ApiKey.objects.create_key(**{"name": "shop", "scopes": ["read"], **fields})
    assert isinstance(key, ApiKey)
    return key, secret


def address(key: ApiKey, page: str) -> str:
    return f"/admin/api/apikey/{key.pk}/{page}/"


def told_by(answer: object) -> str:
    """The secret on a page that shows one."""
    found = re.search(r'value="(\w{8}\.\w+)"', answer.content.decode())
    assert found is not None
    return found[1]


def opens(secret: str) -> bool:
    return VerifiedKeys(ttl_s=0).client(secret) is not None


def test_a_new_key_is_shown_once_and_opens_what_was_ticked() -> None:
    client = logged_in()
    answer = client.post("/admin/api/apikey/add/", FORM)
    key, secret = ApiKey.objects.get(), told_by(answer)

    assert (key.is_valid(secret), key.scopes) == (True, ["read", "events"])
    assert "no-store" in answer["Cache-Control"]
    assert "messages" not in answer.cookies, "a message would leave it in a cookie"
    assert secret not in client.get(address(key, "change")).content.decode()
    assert secret not in LogEntry.objects.get().change_message


def test_a_key_without_a_scope_is_refused() -> None:
    logged_in().post("/admin/api/apikey/add/", {**FORM, "scopes": []})
    assert not ApiKey.objects.exists()


def test_an_unknown_scope_is_refused() -> None:
    logged_in().post("/admin/api/apikey/add/", {**FORM, "scopes": ["root"]})
    assert not ApiKey.objects.exists()


def test_a_change_needs_a_reason_and_is_kept_with_before_and_after() -> None:
    key, _ = a_key()
    client = logged_in()

    client.post(address(key, "change"), FORM)
    key.refresh_from_db()
    assert key.scopes == ["read"]

    client.post(address(key, "change"), {**FORM, "why": "It sends events now."})
    key.refresh_from_db()
    assert key.scopes == ["read", "events"]
    assert (
        LogEntry.objects.get().get_change_message()
        == "scopes: read → read, events. Why: It sends events now."
    )


def test_a_revoked_key_opens_nothing_and_stays_revoked() -> None:
    key, secret = a_key()
    client = logged_in()
    client.post(address(key, "revoke"), {"why": ""})
    assert opens(secret), "without a reason nothing happens"

    client.post(address(key, "revoke"), {"why": "It leaked."})

    assert not opens(secret)
    assert LogEntry.objects.get().change_message == "Revoked. Why: It leaked."
    client.post(address(key, "change"), {**FORM, "name": "other", "why": "Back."})
    key.refresh_from_db()
    assert (key.revoked, key.name) == (True, "shop")


def rotated(client: Client, key: ApiKey, hours: str) -> str:
    return told_by(client.post(address(key, "rotate"), {"grace": hours, "why": "Yearly."}))


def test_a_rotated_key_has_the_same_rights_and_the_old_one_goes_on_for_its_grace(time_machine) -> None:
    key, old = a_key(scopes=["read", "catalog"])

    new = rotated(logged_in(), key, "24")

    assert opens(old)
    assert ApiKey.objects.get_from_key(new).scopes == ["read", "catalog"]
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert (opens(old), opens(new)) == (False, True)


def test_without_grace_the_old_key_ends_at_once() -> None:
    key, old = a_key()
    new = rotated(logged_in(), key, "0")
    assert (opens(old), opens(new)) == (False, True)


def test_a_grace_never_prolongs_a_key() -> None:
    key, _ = a_key(expiry_date=timezone.now() + timedelta(hours=1))
    rotated(logged_in(), key, "168")
    key.refresh_from_db()
    assert key.expiry_date is not None
    assert key.expiry_date < timezone.now() + timedelta(hours=2)


def test_who_may_only_change_keys_makes_none_by_rotating() -> None:
    key, _ = a_key()
    client = logged_in(staff_who_may("api.change_apikey", "api.view_apikey"))
    assert client.post(address(key, "rotate"), {"grace": "0", "why": "x"}).status_code == 403
    assert ApiKey.objects.count() == 1


def test_the_last_use_is_noted_once_a_minute(time_machine, django_assert_num_queries) -> None:
    key, secret = a_key()
    assert opens(secret)
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None

    with django_assert_num_queries(1):
        assert opens(secret)
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    assert opens(secret)
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert key.last_used_at > first
