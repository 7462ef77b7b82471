import pytest
from django.test import Client

from coldstart.models import Impression
from retrieval import toplists, trending
from tests.coldstart.conftest import ruled
from tests.worlds import NOW, World, add_news, did, movie_world, publish_patient_mix

pytestmark = pytest.mark.django_db
__all__ = ["ruled"]

SHOWN = {"request_id": "r1", "user_id": "ann", "item_id": "alien", "position": 1}


@pytest.fixture(autouse=True)
def world(time_machine) -> World:
    time_machine.move_to(NOW, tick=False)
    world = add_news(movie_world())
    trending.forget_copy()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return world


@pytest.fixture
def client(make_key) -> Client:
    return Client(headers={"authorization": f"Api-Key {make_key('read', 'events')}"})


def post(client: Client, body: object):
    return client.post("/api/v1/impressions", body, content_type="application/json")


def statuses(response) -> list[str]:
    return [result["status"] for result in response.json()["results"]]


def test_an_impression_is_stored_when_it_is_acknowledged(sender):
    response = post(sender, {**SHOWN, "source": "bandit", "propensity": 0.2, "surface": "home"})

    assert (response.status_code, statuses(response)) == (200, ["accepted"])
    row = Impression.objects.get()
    assert (row.propensity, row.surface) == (0.2, "home")


def test_the_same_item_of_the_same_request_again_is_a_duplicate(sender):
    post(sender, SHOWN)

    assert statuses(post(sender, {"impressions": [SHOWN, {**SHOWN, "position": 9}]})) == ["duplicate"] * 2


def test_good_rows_land_beside_bad_ones(sender):
    rows = [SHOWN, {**SHOWN, "item_id": "nothing"}, 7, {**SHOWN, "request_id": "r2", "position": 1.5}]

    response = post(sender, rows)

    assert response.status_code == 207
    assert statuses(response) == ["accepted", "rejected", "rejected", "rejected"]
    assert [result.get("field") for result in response.json()["results"]] == [None, "item_id", "", "position"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"request_id": None}, "request_id"),
        ({"position": True}, "position"),
        ({"position": 0}, "position"),
        ({"propensity": 1.5}, "propensity"),
        ({"shown_at": "yesterday"}, "shown_at"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_is_wrong_is_said_by_name(sender, change, field):
    response = post(sender, {**SHOWN, **change})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field


def test_reading_keys_send_no_impressions(reader):
    assert post(reader, SHOWN).status_code == 403
    assert reader.get("/api/v1/users/dan/candidates?log_impressions=true").status_code == 403


def test_an_answer_logs_what_it_shows_with_place_source_surface_and_propensity(client, ruled):
    ruled(position=2, slots=1, bandit_slots=0)

    body = client.get("/api/v1/users/dan/candidates?k=6&surface=home&log_impressions=true").json()

    rows = list(Impression.objects.order_by("position"))
    assert [row.item.external_id for row in rows] == [one["item_id"] for one in body["candidates"]]
    assert {(row.request_id, row.surface) for row in rows} == {(body["request_id"], "home")}
    assert [row.source for row in rows] == [one["reason"]["source"] for one in body["candidates"]]
    assert [row.propensity for row in rows] == [one.get("propensity") for one in body["candidates"]]
    assert (rows[1].source, rows[1].propensity, rows[1].explored) == ("new_items", 1.0, True)


def test_what_was_logged_is_not_tried_on_the_same_user_again(client, ruled):
    ruled(position=2, slots=1, bandit_slots=0)
    address = "/api/v1/users/dan/candidates?k=6&log_impressions=true"

    first, second = client.get(address).json(), client.get(address).json()

    reason = first["candidates"][1]["reason"]
    assert (reason["source"], reason["text"]) == ("new_items", "new, being tried")
    assert "new_items" not in [one["reason"]["source"] for one in second["candidates"]]


def test_a_stranger_is_answered_and_nothing_is_logged(client):
    assert client.get("/api/v1/users/nobody/candidates?log_impressions=true").status_code == 200
    assert not Impression.objects.exists()


def test_the_audience_is_followers_and_people_with_the_taste(reader):
    did("ben", "like", "fargo", hours_ago=5)
    did("ben", "like", "lebowski", hours_ago=5)

    funny = reader.get("/api/v1/items/amelie/audience").json()
    premiere = reader.get("/api/v1/items/premiere/audience").json()

    # Half of what Ann and Cat like is funny, of what Ben likes three in four.
    assert funny["interested"] == {"count": 1, "low": 1, "high": 1}
    assert funny["examples"] == ["ben"]
    assert (funny["followers"], funny["state"]) == (0, "")
    assert (premiere["followers"], premiere["reach"]["count"]) == (1, 1)
    assert (premiere["state"], premiere["exploring_share"]) == ("exploring", 1.0)


def test_the_audience_of_an_unknown_item_is_a_404(reader):
    assert reader.get("/api/v1/items/nothing/audience").status_code == 404
