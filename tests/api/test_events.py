import pytest
from django.test import Client

from catalog.models import Interaction, UserHistory
from tests.worlds import movie_world

pytestmark = pytest.mark.django_db

CLICK = {"event_id": "e1", "user_id": "ann", "item_id": "alien", "type": "click"}


@pytest.fixture(autouse=True)
def world():
    return movie_world()


def post(client: Client, body: object, query: str = ""):
    return client.post(f"/api/v1/events{query}", body, content_type="application/json")


def statuses(response) -> list[str]:
    return [result["status"] for result in response.json()["results"]]


def test_one_event_is_stored_when_it_is_acknowledged(sender):
    response = post(sender, CLICK)

    assert response.status_code == 200
    assert statuses(response) == ["accepted"]
    assert Interaction.objects.filter(event_id="e1").count() == 1


def test_the_history_has_moved_with_the_answer(sender, world):
    before = UserHistory.objects.get(user__external_id="ann").version

    post(sender, CLICK)

    assert UserHistory.objects.get(user__external_id="ann").version > before


def test_the_same_event_again_is_a_duplicate_and_no_error(sender):
    post(sender, CLICK)

    response = post(sender, CLICK)

    assert response.status_code == 200
    assert statuses(response) == ["duplicate"]
    assert response.json()["duplicate"] == 1


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"events": rows}])
def test_a_list_and_an_object_with_a_list_are_the_same(sender, wrap):
    response = post(sender, wrap([CLICK, {**CLICK, "event_id": "e2"}]))

    assert statuses(response) == ["accepted", "accepted"]


def test_an_empty_list_is_fine(sender):
    response = post(sender, [])

    assert (response.status_code, response.json()["count"]) == (200, 0)


def test_good_rows_land_beside_bad_ones_and_each_says_what_became_of_it(sender):
    rows = [CLICK, {**CLICK, "item_id": "nothing"}, 7, {**CLICK, "event_id": "e4", "value": "much"}]

    response = post(sender, rows)

    body = response.json()
    assert response.status_code == 207
    assert statuses(response) == ["accepted", "rejected", "rejected", "rejected"]
    assert [result.get("field") for result in body["results"]] == [None, "item_id", "", "value"]
    assert (body["count"], body["accepted"], body["rejected"]) == (4, 1, 3)
    assert [result["index"] for result in body["results"]] == [0, 1, 2, 3]


def test_a_single_event_that_is_refused_is_a_problem_document(sender):
    response = post(sender, {**CLICK, "type": "stare"})

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == "type"
    assert statuses(response) == ["rejected"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"user_id": None}, "user_id", "required"),
        ({"user_id": True}, "user_id", "invalid"),
        ({"user_id": 1.5}, "user_id", "invalid"),
        ({"user_id": ""}, "user_id", "blank"),
        ({"user": "ann"}, "user", "repeated"),
        ({"value": 10**400}, "value", "out_of_range"),
        ({"value": True}, "value", "invalid"),
        ({"occurred_at": "yesterday"}, "occurred_at", "invalid"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "invalid"),
        ({"occurred_at": 1}, "occurred_at", "invalid"),
        ({"surface": 5}, "surface", "invalid"),
        ({"color": "red"}, "color", "unknown"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_by_name(sender, change, field, code):
    response = post(sender, {**CLICK, **change})

    assert response.status_code == 400
    assert (response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (field, code)


def test_the_short_names_work_as_well(sender):
    response = post(sender, {"user": "ann", "item": "alien", "type": "view"})

    assert statuses(response) == ["accepted"]


@pytest.mark.parametrize("external_id", [18446744073709551616, -3643155458357242906, 0])
def test_numbers_as_ids_keep_their_digits(make_key, external_id):
    client = Client(headers={"authorization": f"Api-Key {make_key('events', 'catalog')}"})

    post(client, {**CLICK, "user_id": external_id}, "?create_missing=true")

    assert UserHistory.objects.filter(user__external_id=str(external_id)).exists()


def test_creating_on_the_fly_needs_the_catalog_scope(sender):
    response = post(sender, {**CLICK, "user_id": "new"}, "?create_missing=true")

    assert response.status_code == 403


def test_more_rows_than_allowed_are_refused_as_a_whole(sender):
    response = post(sender, [{}] * 10_001)

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "events"


@pytest.mark.parametrize("body", ["7", '"x"', "null", "true", '{"events": 7}', '{"events": [], "k": 1}', ""])
def test_a_body_that_is_no_batch_is_refused_as_a_whole(sender, body):
    assert post(sender, body).status_code == 400
