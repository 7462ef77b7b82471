"""Interests are suggested by a worker, when somebody says so."""

import pytest
from kombu.exceptions import OperationalError

from coldstart.models import Interest
from console.admin import coldstart
from tests.console.staff import logged_in

pytestmark = pytest.mark.django_db
SUGGEST = "/admin/coldstart/interest/suggest/"


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(coldstart.suggest_interests, "delay", lambda: calls.append("asked"))
    return calls


def test_who_opens_the_page_is_asked_and_nothing_begins(asked):
    page = logged_in().get(SUGGEST)

    assert "learned from who likes what together" in page.content.decode()
    assert asked == []


def test_who_says_yes_sets_a_worker_to_it(asked):
    page = logged_in().post(SUGGEST, follow=True)

    assert asked == ["asked"]
    assert "A worker learns them" in page.content.decode()
    assert not Interest.objects.exists()


def test_without_a_broker_it_is_said_that_nothing_begins(monkeypatch):
    def refuse() -> None:
        raise OperationalError

    monkeypatch.setattr(coldstart.suggest_interests, "delay", refuse)

    assert "nothing was started" in logged_in().post(SUGGEST, follow=True).content.decode()
