"""Whatever arrives, the answer is a 4xx with a problem document."""

import pytest
from django.test import Client

from api.config import config

pytestmark = pytest.mark.django_db

PATHS = [
    ("post", "/api/v1/candidates"),
    ("post", "/api/v1/events"),
    ("put", "/api/v1/items"),
    ("put", "/api/v1/users"),
    ("put", "/api/v1/follows"),
    ("delete", "/api/v1/follows"),
    ("put", "/api/v1/blocks"),
    ("delete", "/api/v1/blocks"),
]
BODIES = {
    "empty": b"",
    "not utf-8": b'{"a": "\xff\xfe"}',
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "not json": b"{a: 1}",
    "NaN": b'[{"value": NaN}]',
    "1e999": b'[{"value": 1e999}]',
    "endless integer": b"[" + b"9" * 10_000 + b"]",
    "NUL": b'[{"user_id": "a\\u0000b"}]',
    "lone surrogate": b'[{"user_id": "\\ud800"}]',
    "bottomless list": b"[" * 200_000,
    "bottomless object": b'{"a":' * 200_000,
    "deep but closed": b"[" * 500 + b"]" * 500,
    "duplicate key": b'{"user_id": 1, "user_id": 2}',
    "scalar": b"7",
}


@pytest.fixture
def client(make_key) -> Client:
    return Client(headers={"authorization": f"Api-Key {make_key('admin')}"})


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_hostile_body_is_refused(client, method, path, body):
    response = client.generic(method.upper(), path, body, content_type="application/json")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_a_body_beyond_the_cap_is_too_large(client):
    body = b'["' + b"x" * config().max_body_bytes + b'"]'

    response = client.generic("POST", "/api/v1/events", body, content_type="application/json")

    assert response.status_code == 413


def test_a_body_that_lies_about_its_length_is_read_no_further_than_the_cap(client):
    body = b'["' + b"x" * config().max_body_bytes + b'"]'

    response = client.generic(
        "POST", "/api/v1/events", body, content_type="application/json", headers={"content-length": "10"}
    )

    assert response.status_code == 400


def test_a_compressed_body_is_no_media_type_of_ours(client):
    response = client.generic(
        "POST",
        "/api/v1/events",
        b"\x1f\x8b",
        content_type="application/json",
        headers={"content-encoding": "gzip"},
    )

    assert response.status_code == 415


def test_a_body_without_a_length_is_asked_for_one(client):
    response = client.generic("POST", "/api/v1/events", headers={"transfer-encoding": "chunked"})

    assert response.status_code == 411


@pytest.mark.parametrize("user", ["%00", "a%00b", "x" * 256])
def test_an_impossible_id_in_the_path_is_refused(client, user):
    response = client.get(f"/api/v1/users/{user}/candidates")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "user_id"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("k=0", "k"),
        ("k=5001", "k"),
        ("k=many", "k"),
        ("k=1&k=2", "k"),
        ("K=5", "K"),
        ("category=%00", "category.0"),
        ("surface=a b", "surface"),
        ("deadline_ms=0", "deadline_ms"),
        ("published_since=soon", "published_since"),
        ("published_since=0001-01-01T00:00:00%2B14:00", "published_since"),
        ("fields=some", "fields"),
        ("explain=perhaps", "explain"),
        ("exclude=" + ",".join("1" * 10_001), "exclude"),
    ],
)
def test_a_query_that_makes_no_sense_names_the_parameter(client, query, field):
    response = client.get(f"/api/v1/users/1/candidates?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


def test_a_thousand_parameters_are_refused(client):
    query = "&".join(f"p{n}=1" for n in range(2000))

    assert client.get(f"/api/v1/users/1/candidates?{query}").status_code == 400
