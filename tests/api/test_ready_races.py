"""Ready answers are right whatever happens, in whatever order and at the same time."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Block, Item, User
from retrieval import drawing
from retrieval.facts import forget_facts
from retrieval.invalidation import invalidate
from tests.api.ready_site import ALL, Site, ask, films, send, wipe
from tests.worlds import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _draws_from_what_is_there(monkeypatch) -> None:
    """An item put back may otherwise be drawn ten seconds later; on a busy machine that is in the midst of it."""
    monkeypatch.setattr(drawing, "_FRESH_S", -1.0)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("ask")),
        st.tuples(st.just("click"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("take out"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("put back"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("block"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("unblock"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("invalidate"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("wipe")),
        st.tuples(st.just("restart")),
    ),
    min_size=3,
    max_size=12,
)


@given(operations=OPERATIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_in_whatever_order_every_answer_is_right(http, world, operations):
    Item.objects.exclude(external_id="lost").update(active=True)
    person = User.objects.create(external_id=f"p{User.objects.count()}", created_at=NOW)
    gone: set[str] = set()
    clicked: set[str] = set()
    blocked: set[str] = set()
    for operation, *film in [("ask",), ("ask",), *operations, ("ask",), ("ask",)]:
        match operation, film:
            case "click", [name]:
                send(http, person.external_id, name)
                clicked.add(name)
            case "take out", [name]:
                Item.objects.filter(external_id=name).update(active=False)
                gone.add(name)
            case "put back", [name]:
                Item.objects.filter(external_id=name).update(active=True)
                gone.discard(name)
            case "block", [name] if name not in blocked:
                Block.objects.create(user=person, item_id=world.items[name], created_at=NOW)
                blocked.add(name)
            case "unblock", [name]:
                Block.objects.filter(user=person, item_id=world.items[name]).delete()
                blocked.discard(name)
            case "invalidate", [name]:
                invalidate(items=[name])
            case "wipe", []:
                wipe()
            case "restart", []:
                forget_facts()
            case _:
                pass
        assert films(ask(http, person.external_id)) == ALL - gone - clicked - blocked, operation


def test_an_acknowledged_event_counts_however_many_ask_at_the_same_time(http, make_key):
    key = make_key("read")
    done = threading.Event()
    troubles: list[int] = []

    def hammer() -> None:
        client = Site(headers={"authorization": f"Api-Key {key}"})
        while not done.is_set():
            answer = client.get("/api/v1/users/dan/candidates?deadline_ms=10000")
            if answer.status_code != 200:
                troubles.append(answer.status_code)
        from django.db import connections

        connections.close_all()

    others = [threading.Thread(target=hammer) for _ in range(2)]
    for thread in others:
        thread.start()
    left = set(ALL)
    shown = []
    try:
        for film in sorted(ALL)[:5]:
            send(http, "dan", film)
            left.discard(film)
            shown.append((films(ask(http, "dan")), set(left)))
    finally:
        done.set()
        for thread in others:
            thread.join()

    assert troubles == []
    assert all(found == expected for found, expected in shown)
