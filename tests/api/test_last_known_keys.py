"""A web process that starts while Postgres is away lets in whom Postgres knew a moment before."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from api import authentication
from api.authentication import VerifiedKeys
from api.keys import last_known
from api.keys.last_known import Keys, left_key_in
from api.models import ApiKey
from catalog.last_known import LastKnownFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def left(tmp_path: Path) -> LastKnownFile:
    return LastKnownFile(tmp_path, "keys", version=1, max_age_s=3600)


@pytest.fixture
def starting(left) -> VerifiedKeys:
    """As a process has it that has just begun."""
    return VerifiedKeys(0, partial(left_key_in, left))


@pytest.fixture
def without_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def away(key: str) -> None:
        raise OperationalError("connection refused")

    with monkeypatch.context() as outage:
        outage.setattr(authentication, "_stored", away)
        yield


def leave(file: LastKnownFile, *, ago_s: float = 0) -> None:
    file.write(Keys(file).content(), as_of_s=time.time() - ago_s)


def test_a_key_that_was_left_opens_what_its_scopes_allow(make_key, left, starting, without_postgres):
    key = make_key("read", "events")
    leave(left)

    assert starting.client(key).scopes == {"read", "events"}


def test_the_key_itself_is_not_in_the_file(make_key, left):
    key = make_key("read")
    leave(left)

    assert key.partition(".")[2].encode() not in (left.folder / "keys").read_bytes()


def unknown(key: str) -> str:
    return "never." + "x" * 32


def with_another_secret(key: str) -> str:
    return key.partition(".")[0] + "." + "x" * 32


@pytest.mark.parametrize("said", [unknown, with_another_secret])
def test_of_a_key_that_was_not_left_nobody_can_tell(
    make_key, left, starting, without_postgres, said: Callable[[str], str]
):
    key = make_key("read")
    leave(left)

    with pytest.raises(OperationalError):
        starting.client(said(key))


def test_what_was_left_too_long_ago_opens_nothing(make_key, left, starting, without_postgres):
    key = make_key("read")
    leave(left, ago_s=3601)

    with pytest.raises(OperationalError):
        starting.client(key)


def test_what_becomes_too_old_while_postgres_stays_away_opens_no_longer(
    make_key, left, starting, without_postgres, time_machine
):
    key = make_key("read")
    leave(left)
    assert starting.client(key) is not None

    time_machine.move_to(timezone.now() + timedelta(seconds=3601))

    with pytest.raises(OperationalError):
        starting.client(key)


def test_a_key_expires_on_the_dot(make_key, left, starting, without_postgres, time_machine):
    key = make_key("read", expiry_date=timezone.now() + timedelta(minutes=5))
    leave(left)
    assert starting.client(key) is not None

    time_machine.move_to(timezone.now() + timedelta(minutes=5, seconds=1))

    assert starting.client(key) is None


def test_a_key_that_is_revoked_or_changed_is_written_at_once_and_one_that_is_used_is_not(make_key, left):
    make_key("read")
    keys = Keys(left)
    assert [keys.changed(), keys.changed()] == [True, False]

    ApiKey.objects.update(last_used_at=timezone.now())
    assert not keys.changed()
    ApiKey.objects.update(scopes=["events"])
    assert keys.changed()
    ApiKey.objects.update(revoked=True)
    assert keys.changed()
    assert keys.content() == []


def test_once_postgres_is_there_it_decides(make_key, left, starting, monkeypatch):
    used, unused = make_key("read"), make_key("read")
    leave(left)
    with monkeypatch.context() as outage:
        outage.setattr(authentication, "_stored", lambda key: (_ for _ in ()).throw(OperationalError))
        assert starting.client(used) is not None
    ApiKey.objects.update(revoked=True)  # and nobody has written it yet

    starting.refresh()

    assert starting.client(used) is None
    # It has read the database now, and takes nobody else's word any more.
    monkeypatch.setattr(authentication, "_stored", lambda key: (_ for _ in ()).throw(OperationalError))
    for key in (used, unused):
        with pytest.raises(OperationalError):
            starting.client(key)


def test_a_client_is_told_what_its_key_may_not_do_and_one_that_nobody_knows_to_come_again(
    make_key, left, without_postgres, monkeypatch
):
    key = make_key("events")
    leave(left)
    monkeypatch.setattr(last_known, "_file", lambda: left)

    def status(sent: str) -> tuple[int, bool]:
        answer = Client().get("/api/v1/trending", headers={"authorization": f"Api-Key {sent}"})
        return answer.status_code, answer.has_header("Retry-After")

    assert status(key) == (403, False)
    assert status(unknown(key)) == (503, True)
