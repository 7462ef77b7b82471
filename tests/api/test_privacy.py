"""Erasing a person by the API, its receipt, and the export before it."""

import json
import uuid

import pytest
from django.test import Client

from retrieval.models import Erasure
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return movie_world()


@pytest.fixture
def administrator(make_key) -> Client:
    return Client(headers={"authorization": f"Api-Key {make_key('admin')}"})


def test_an_erasure_answers_a_receipt_that_can_be_read_later(writer, world):
    answer = writer.delete("/api/v1/users/ann").json()
    receipt = answer["erasure"]["receipt"]

    again = writer.get(f"/api/v1/erasures/{receipt}").json()

    assert answer["status"] == "deleted"
    assert again["erasure"] == answer["erasure"]
    assert again["erasure"]["status"] == "erasing"
    assert again["erasure"]["rows"]["catalog_interaction"] == 2
    assert "ann" not in json.dumps(again)


def test_the_receipt_says_whose_key_it_was(writer, world):
    writer.delete("/api/v1/users/ann")

    assert Erasure.objects.get().erased_by.endswith("(test)")


def test_who_is_not_there_is_missing_and_gets_no_receipt(writer, world):
    answer = writer.delete("/api/v1/users/nobody").json()

    assert (answer["status"], answer["erasure"]) == ("missing", None)


def test_an_unknown_receipt_is_not_found(writer):
    answer = writer.get(f"/api/v1/erasures/{uuid.uuid4()}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_an_administrator_exports_all_that_is_held(administrator, world):
    answer = administrator.get("/api/v1/users/ann/export")

    held = json.loads(b"".join(answer.streaming_content))
    assert answer["X-Request-Id"]
    assert (held["user_id"], len(held["tables"]["catalog_interaction"])) == ("ann", 2)
    assert administrator.get("/api/v1/users/nobody/export").status_code == 404
