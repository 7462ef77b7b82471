"""A ready answer passes the same doors as a computed one: keys, rates, hosts, https, headers and ids."""

from urllib.parse import quote

import pytest
from limits import parse

from api import throttling
from api.candidates import shortcut
from api.config import config
from tests.api.ready_site import Site, ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_key_that_does_not_open_gets_no_ready_answer(http, make_key):
    ask(http)

    def status(**headers: str) -> int:
        return Site(headers=headers).get("/api/v1/users/ann/candidates").status_code

    assert status() == status(authorization="Api-Key nobody.knows") == 401
    assert status(authorization=f"Api-Key {make_key('events')}") == 403
    assert status(authorization=f"Api-Key {make_key('read')}") == 200


def test_ready_answers_count_towards_the_rate(http, make_key, monkeypatch):
    from dataclasses import replace

    ask(http)
    limited = replace(config(), rates={**config().rates, "read": parse("3/hour")})
    monkeypatch.setattr(throttling, "config", lambda: limited)
    client = Site(headers={"authorization": f"Api-Key {make_key('read')}"})

    answers = [client.get("/api/v1/users/ann/candidates") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]


def test_hosts_that_are_not_ours_are_refused(http):
    ask(http)

    assert http.get("/api/v1/users/ann/candidates", headers={"host": "evil.example"}).status_code == 400


def test_a_ready_answer_has_the_headers_that_the_site_puts_on_every_answer(http):
    first = http.get("/api/v1/users/ann/candidates")
    second = http.get("/api/v1/users/ann/candidates")

    names = {
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Cache-Control",
        "Content-Type",
    }
    assert second.json()["cache"]["ready"]
    assert {name: second[name] for name in names} == {name: first[name] for name in names}
    assert int(second["Content-Length"]) == len(second.content)


def test_where_https_is_the_rule_a_plain_request_is_sent_there(http, settings, make_key):
    shortcut._site_headers.cache_clear()
    ask(http)
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    shortcut._site_headers.cache_clear()

    site = Site(headers={"authorization": f"Api-Key {make_key('read')}"})  # Django reads these settings once
    plain = site.get("/api/v1/users/ann/candidates")
    secure = site.get("/api/v1/users/ann/candidates", headers={"x-forwarded-proto": "https"})

    shortcut._site_headers.cache_clear()
    assert plain.status_code == 301
    assert secure.json()["cache"]["ready"]
    assert secure["Strict-Transport-Security"] == "max-age=60"


@pytest.mark.parametrize("user", ["a/b", "ü", "a b", "-5", "%"])
def test_ids_of_any_kind_have_ready_answers_of_their_own(http, user):
    path = f"/api/v1/users/{quote(user, safe='')}/candidates?fields=ids"
    http.get(path)

    answer = http.get(path).json()

    assert (answer["cache"]["ready"], answer["user_id"]) == (True, user)


def test_a_given_request_id_comes_back_in_a_ready_answer(http):
    ask(http)

    response = http.get("/api/v1/users/ann/candidates", headers={"x-request-id": "mine-1"})

    assert response.json()["cache"]["ready"]
    assert response.json()["request_id"] == response["X-Request-Id"] == "mine-1"
