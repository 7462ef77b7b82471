"""Keys, passwords and tokens: never in a log, an address or the page of an error."""

import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from api import view
from api.models import ApiKey
from tests.console.staff import PASSWORD

pytestmark = pytest.mark.django_db
WRONG = "a-wrong-password-of-somebody"


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """All that any logger was given, arguments and tracebacks included."""
    lines: list[str] = []
    formatter = logging.Formatter("%(message)s %(args)s")

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{formatter.format(record)} {record.__dict__}")

    keeper, root = Keeper(), logging.getLogger()
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(keeper)
    root.setLevel(before)


def secrets_of(*more: str) -> list[str]:
    return [settings.SECRET_KEY, settings.METRICS_TOKEN, *more]


def assert_silent(texts: list[str], secrets: list[str]) -> None:
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []


def test_a_request_with_a_key_leaves_no_trace_of_it_even_where_it_fails(logged, monkeypatch):
    _, key = ApiKey.objects.create_key(name="x", scopes=["read"])
    client = Client(headers={"authorization": f"Api-Key {key}"}, raise_request_exception=False)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("something is wrong")

    answers = [client.get("/api/v1/trending?k=no"), client.get("/api/v1/nothing")]
    monkeypatch.setattr(view.ApiView, "initial", fail)
    answers.append(client.get("/api/v1/trending"))

    assert answers[-1].status_code == 500
    assert any("something is wrong" in line for line in logged), "the log has what is needed to mend it"
    assert_silent([*logged, *(answer.content.decode() for answer in answers)], secrets_of(key))


def test_a_log_in_leaves_no_trace_of_the_password_right_or_wrong(logged):
    User.objects.create_superuser("ada", password=PASSWORD)
    client = Client()
    form = {"username": "ada", "next": "/admin/"}

    refused = client.post("/admin/login/", {**form, "password": WRONG})
    accepted = client.post("/admin/login/", {**form, "password": PASSWORD})

    assert (refused.status_code, accepted.status_code) == (200, 302)
    texts = [*logged, refused.content.decode(), accepted["Location"]]
    assert_silent(texts, secrets_of(WRONG, PASSWORD))


def test_the_metrics_token_stands_in_no_answer(logged):
    client = Client()
    refused = client.get("/metrics", headers={"authorization": f"Bearer {WRONG}"})
    accepted = client.get("/metrics", headers={"authorization": f"Bearer {settings.METRICS_TOKEN}"})

    assert (refused.status_code, accepted.status_code) == (401, 200)
    assert_silent([*logged, refused.content.decode(), accepted.content.decode()], secrets_of(WRONG))


def test_an_error_of_a_page_shows_nothing_of_the_settings(logged, monkeypatch):
    from console import facts

    monkeypatch.setattr(facts, "current_facts", lambda: 1 / 0)
    answer = Client(raise_request_exception=False).get("/")

    assert answer.status_code == 500
    assert settings.DATABASE_URL not in answer.content.decode()
    assert_silent([*logged, answer.content.decode()], secrets_of())


@pytest.mark.parametrize("name", ["key", "api_key", "api-key", "token", "access_token", "authorization"])
def test_no_address_takes_a_key_or_a_token(name):
    """A query ends in the logs of proxies and in the histories of browsers."""
    _, key = ApiKey.objects.create_key(name="x", scopes=["read"])

    assert Client().get("/api/v1/trending", {name: f"Api-Key {key}"}).status_code == 401
    assert Client().get("/api/v1/trending", {name: key}).status_code == 401
    assert Client().get("/metrics", {name: settings.METRICS_TOKEN}).status_code == 401
