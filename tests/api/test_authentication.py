from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from api import authentication
from api.authentication import VerifiedKeys
from api.config import config
from api.models import ApiKey

pytestmark = pytest.mark.django_db


def test_a_key_opens_what_its_scopes_allow(make_key):
    client = VerifiedKeys(1).client(make_key("read", "events"))

    assert client is not None
    assert client.scopes == {"read", "events"}


def test_a_verified_key_is_believed_without_asking_again(make_key, django_assert_num_queries):
    keys, key = VerifiedKeys(60), make_key("read")
    keys.client(key)

    with django_assert_num_queries(0):
        assert keys.client(key) is not None


def test_a_revoked_key_stops_working_when_its_second_is_over(make_key):
    keys, key = VerifiedKeys(ttl_s=0), make_key("read")
    assert keys.client(key) is not None

    ApiKey.objects.update(revoked=True)

    assert keys.client(key) is None


def test_the_second_is_no_longer_than_a_second():
    assert config().key_cache_ttl_s <= 1


def test_a_key_expires_on_the_dot_even_while_it_is_believed(make_key, time_machine):
    keys = VerifiedKeys(ttl_s=3600)
    key = make_key("read", expiry_date=timezone.now() + timedelta(minutes=5))
    assert keys.client(key) is not None

    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))

    assert keys.client(key) is None


def test_the_right_prefix_with_a_wrong_secret_opens_nothing(make_key):
    prefix, _, _ = make_key("read").partition(".")

    assert VerifiedKeys(1).client(f"{prefix}.{'x' * 32}") is None


@pytest.mark.parametrize("key", ["", ".", "x", "é" * 8 + ".y", "a\x00b.c", "." * 500])
def test_nonsense_is_no_key(reader, key):
    response = reader.get("/api/v1/users/1/candidates", headers={"authorization": f"Api-Key {key}"})

    assert response.status_code == 401


def postgres_is_away(key: str) -> None:
    raise OperationalError("connection refused")


def test_while_postgres_is_away_a_key_that_worked_goes_on_working(make_key, monkeypatch):
    keys, key = VerifiedKeys(ttl_s=0), make_key("read")
    keys.client(key)

    monkeypatch.setattr(authentication, "_stored", postgres_is_away)

    assert keys.client(key) is not None


def test_while_postgres_is_away_a_key_that_was_revoked_before_stays_so(make_key, monkeypatch):
    keys, key = VerifiedKeys(ttl_s=0), make_key("read")
    keys.client(key)
    ApiKey.objects.update(revoked=True)
    keys.client(key)

    monkeypatch.setattr(authentication, "_stored", postgres_is_away)

    with pytest.raises(OperationalError):
        keys.client(key)


def test_while_postgres_is_away_nobody_new_gets_in(make_key, monkeypatch):
    monkeypatch.setattr(authentication, "_stored", postgres_is_away)

    with pytest.raises(OperationalError):
        VerifiedKeys(1).client(make_key("read"))
