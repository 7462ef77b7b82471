"""The survey over the API."""

import json

import pytest
from django.test import Client

from catalog.models import User
from coldstart.interests import current_consent
from coldstart.models import SurveyAnswer
from tests.api.films import served_world
from tests.coldstart.survey import offer_interests
from tests.worlds import NOW

INTERESTS = "/api/v1/users/dan/interests"


@pytest.fixture(autouse=True)
def _served(db, time_machine) -> None:
    time_machine.move_to(NOW, tick=False)
    served_world()
    offer_interests()


def body(*interests: str, **changes: object) -> dict[str, object]:
    return {"interests": list(interests), "consent_version": current_consent().version, **changes}


def put(client: Client, document: object, path: str = INTERESTS):
    return client.put(path, json.dumps(document), content_type="application/json")


def test_what_there_is_to_choose_comes_with_examples_limits_and_the_text_to_agree_to(reader):
    document = reader.get("/api/v1/onboarding/interests").json()

    assert [one["id"] for one in document["interests"]] == ["space", "crime", "romance"]
    assert document["interests"][0]["examples"] == ["Alien", "Runner"]
    assert (document["least"], document["most"]) == (3, 3)
    assert document["consent"]["text"] == current_consent().text


def test_an_answer_is_stored_and_seen_by_the_very_next_request(writer, reader):
    response = put(writer, body("romance", "space", "crime"))
    candidates = reader.get("/api/v1/users/dan/candidates?k=4").json()

    assert response.status_code == 200
    assert [one["name"] for one in response.json()["interests"]] == ["Romance", "Space", "Crime"]
    assert response.json()["consent_version"] == current_consent().version
    assert reader.get(INTERESTS).json()["interests"] == response.json()["interests"]
    chosen = {one["reason"]["interest"] for one in candidates["candidates"]} - {None}
    assert chosen
    assert any(one["reason"]["text"].startswith("because you chose ") for one in candidates["candidates"])


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (lambda: body("space", "crime", "westerns"), "interests.2", "unknown"),
        (lambda: body("space", "crime", "crime"), "interests.2", "repeated"),
        (lambda: body("space"), "interests", "number"),
        (lambda: body("space", "crime", "romance", consent_version="1999"), "consent_version", "unknown"),
        (lambda: {"interests": ["space", "crime", "romance"]}, "consent_version", "required"),
        (lambda: body("space", "crime", ["x"]), "interests.2", "invalid"),
        (lambda: body("space", "crime", "romance", mood="good"), "mood", "unknown"),
    ],
)
def test_a_bad_answer_gets_a_problem_that_names_the_field(writer, document, field, code):
    response = put(writer, document())

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (field, code)
    assert not SurveyAnswer.objects.exists()


def test_who_may_only_read_cannot_answer_for_somebody(reader):
    assert put(reader, body("space", "crime", "romance")).status_code == 403


def test_an_answer_can_be_taken_back(writer, reader):
    put(writer, body("space", "crime", "romance"))

    for _ in range(2):
        assert writer.delete(INTERESTS).json()["interests"] == []
    assert reader.get(INTERESTS).json()["answered_at"] is None


def test_ids_may_hold_slashes(writer):
    assert put(writer, body("space", "crime", "romance"), "/api/v1/users/a%2Fb/interests").status_code == 200
    assert User.objects.filter(external_id="a/b").exists()


def test_a_link_opens_the_page_of_the_user_it_was_made_for(writer):
    document = writer.post("/api/v1/users/dan/welcome-link").json()

    assert document["expires_at"] > NOW.isoformat()
    assert document["url"].startswith("http://testserver/welcome/")
    assert Client().get(document["url"].removeprefix("http://testserver")).status_code == 200
