from dataclasses import replace

import pytest
from limits import parse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from api import throttling
from api.config import config
from api.metrics import UNLIMITED
from api.view import ApiView
from retrieval import valkey

pytestmark = pytest.mark.django_db


class Open(ApiView):
    required_scope = "read"

    def get(self, request: Request) -> Response:
        return Response({})


@pytest.fixture
def three_an_hour(monkeypatch):
    limited = replace(config(), rates={**config().rates, "read": parse("3/hour")})
    monkeypatch.setattr(throttling, "config", lambda: limited)


def get(key: str):
    return Open.as_view()(APIRequestFactory().get("/", headers={"authorization": f"Api-Key {key}"}))


def test_exactly_the_limit_gets_through(three_an_hour, make_key):
    key = make_key("read")

    assert [get(key).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_the_refusal_says_when_to_come_back(three_an_hour, make_key):
    key = make_key("read")
    for _ in range(3):
        get(key)

    response = get(key)

    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 3600


def test_keys_are_counted_apart(three_an_hour, make_key):
    busy = make_key("read")
    for _ in range(4):
        get(busy)

    assert get(make_key("read")).status_code == 200


def test_without_valkey_everybody_gets_through_and_is_counted(three_an_hour, make_key, monkeypatch):
    nowhere = valkey.connect("unix:///nonexistent/cache.sock", timeout_s=0.05)
    nowhere.breaker = valkey.Breaker()
    monkeypatch.setattr(throttling, "client", lambda: nowhere)
    throttling._limiter.cache_clear()
    before, key = UNLIMITED._value.get(), make_key("read")

    statuses = [get(key).status_code for _ in range(5)]

    throttling._limiter.cache_clear()
    assert statuses == [200] * 5
    assert UNLIMITED._value.get() == before + 5
