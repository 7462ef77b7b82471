"""An item that nobody has touched, from the API to the answers of those who like such items."""

import datetime as dt

import pytest
from django.test import Client

from recsys_site.celery import app
from retrieval.mixes import forget_cached_mixes
from retrieval.offline import pipeline
from retrieval.tasks import embed_items
from tests.offline.catalog_world import NOON
from tests.offline.conftest import snapshots_in  # noqa: F401  a fixture
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.worlds import publish_patient_mix

pytestmark = pytest.mark.django_db
A_MINUTE_S = 60


@pytest.fixture(autouse=True)
def islands(snapshots_in, time_machine) -> None:  # noqa: F811
    """Users u0 … u59 and items i0 … i39 on two islands of taste, with a version live that knows them."""
    time_machine.move_to(NOON + dt.timedelta(hours=1))
    forget_cached_mixes()
    two_islands()
    pipeline.run(pipeline.start(NOON + dt.timedelta(minutes=30), dim=DIM, config=CONFIG))
    publish_patient_mix()


@pytest.fixture
def client(make_key) -> Client:
    """A client whose key may do everything but administer."""
    return Client(headers={"authorization": f"Api-Key {make_key('read', 'events', 'catalog')}"})


def put(client: Client, item: str, *tags: str) -> None:
    body = {"item_id": item, "title": "", "tags": list(tags)}
    assert client.put("/api/v1/items", [body], content_type="application/json").status_code == 200


def like(client: Client, user: str, item: str) -> None:
    body = {"event_id": f"{user}-{item}", "user_id": user, "item_id": item, "type": "like"}
    assert client.post("/api/v1/events", body, content_type="application/json").status_code == 200


def collaborative(client: Client, user: str) -> list[str]:
    """Everything that the source proposes of the 41 items, best first."""
    query = {"sources": "collaborative", "k": 100, "fields": "ids", "deadline_ms": 5_000}
    response = client.get(f"/api/v1/users/{user}/candidates", query)
    assert response.status_code == 200
    return response.json()["item_ids"]


@pytest.mark.parametrize("island", ["even", "odd"])
def test_after_one_run_of_the_task_it_is_found_by_who_likes_such_items(client, island):
    # Each has three of her own island's twenty items.
    for user, liked in (("u0", ("i0", "i2", "i4")), ("u1", ("i1", "i3", "i5"))):
        for item in liked:
            like(client, user, item)
    friend, stranger = ("u0", "u1") if island == "even" else ("u1", "u0")
    put(client, "newcomer", island)
    assert "newcomer" not in collaborative(client, friend)

    embed_items.apply(throw=True)

    # Among the rest of the island, before everything of the other one; and the other way round.
    assert collaborative(client, friend).index("newcomer") <= 17
    assert collaborative(client, stranger).index("newcomer") >= 17


def test_the_task_is_due_so_often_that_a_minute_is_enough():
    entry = app.conf.beat_schedule["embed new items"]

    assert entry["task"] == embed_items.name
    # Just missed, then taken at the very end of its time.
    assert entry["schedule"].total_seconds() + entry["options"]["expires"] < A_MINUTE_S
