"""The same user's candidates beside others, what was left out, and what every source says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from catalog.events import Event, write_events
from coldstart.impressions import Impression, record_impressions
from console.inspector.comparing import changes, compared
from console.inspector.left_out import examples_of
from console.inspector.question import Question
from console.inspector.shown_before import earlier_requests, shown_in
from console.inspector.why_not import verdict_on
from retrieval.explain import left_out
from retrieval.mixes import create_revision, forget_cached_mixes
from retrieval.service import retrieve
from retrieval.source import all_sources
from retrieval.types import InvalidRequest
from tests.console.screening import open_screening
from tests.console.staff import logged_in
from tests.worlds import NOW, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    yield open_screening()
    forget_cached_mixes()


def other_mix() -> int:
    return create_revision({"sources": [{"name": "content", "quota": 1000}], "fill": []}, note="Alike").number


def test_what_comes_goes_and_moves_is_told_by_places():
    found = changes([1, 2, 3, 4], [4, 1, 3, 5])

    assert found.both == 3
    assert found.entered == [(5, 0, 4)]
    assert found.left == [(2, 2, 0)]
    assert found.moved == [(4, 4, 1), (1, 1, 2)]


def test_another_mix_is_served_beside_the_published_one(world: World):
    question = Question("ann", against=f"mix:{other_mix()}")
    answer = retrieve(question.to_request(NOW))

    beside = compared(question, answer, NOW)

    # Without "trending", what is only hot is not found: alien is like nothing that ann likes.
    assert beside is not None
    alone = {
        item for item, ranks in zip(answer.pool.item_ids, answer.pool.ranks, strict=True) if not ranks[0]
    }
    assert {move.tile.external_id for move in beside.left} == set(world.names(alone)) == {"alien"}
    assert beside.entered == ()
    kept = {pair.source.name: (pair.before, pair.after) for pair in beside.figures if pair.source}
    assert kept["trending"][1] == "0"


def test_a_version_that_cannot_serve_is_named(world: World):
    with pytest.raises(InvalidRequest, match="Version 77 cannot serve"):
        retrieve(Question("ann", model=77).to_request(NOW))


def shown(world: World, request_id: str, films: list[str]) -> None:
    rows = [
        Impression(request_id, "ann", film, place, shown_at=NOW - timedelta(hours=3))
        for place, film in enumerate(films, 1)
    ]
    record_impressions(rows, now=NOW)


def test_what_was_shown_before_is_compared_with_now(world: World):
    now = [world.names([item])[0] for item in retrieve(Question("ann").to_request(NOW)).pool.item_ids]
    shown(world, "r1", ["fargo", now[1], now[0]])
    record_events_of("r1")
    user_id = world.users["ann"]

    assert [(one.request_id, one.places) for one in earlier_requests(user_id, NOW)] == [("r1", 3)]
    past = shown_in(user_id, "r1")
    assert past is not None
    assert world.names(past.item_ids) == ["fargo", now[1], now[0]]
    question = Question("ann", against="past:r1")
    beside = compared(question, retrieve(question.to_request(NOW)), NOW)

    assert beside is not None
    assert [(move.tile.external_id, move.note) for move in beside.left] == [("fargo", "like")]
    assert {move.tile.external_id: (move.before, move.after) for move in beside.moved} == {now[0]: (3, 1)}
    assert [move.after for move in beside.entered] == [3]
    assert shown_in(user_id, "r2") is None
    assert earlier_requests(user_id, NOW + timedelta(days=8)) == []


def record_events_of(request_id: str) -> None:
    event = Event(
        event_id="e",
        user="ann",
        item="fargo",
        type="like",
        value=None,
        dwell_s=None,
        occurred_at=NOW - timedelta(hours=2, minutes=59),
        request_id=request_id,
    )
    write_events([event], now=NOW)


def test_examples_of_what_was_left_out_have_their_reason(world: World):
    (seen,) = (one for one in examples_of(Question("ann").to_request(NOW)) if "engaged" in one.words)

    assert {tile.external_id for tile in seen.tiles} == {"fargo", "heat"}


def test_what_a_cap_passed_over_is_told_from_what_was_cut(world: World):
    """Strictly one of three places for a tag: fargo is as funny as amelie, and lebowski would come after the last."""
    body = {
        "sources": [{"name": "trending", "quota": 1000}],
        "caps": {"tag_share": 0.3, "strict": True},
        "seen": {"hide": False},
        "fill": [],
    }
    number = create_revision(body, note="Capped").number
    request = Question("dan", k=3, mix=number).to_request(NOW)

    # amelie, fargo, alien, heat and lebowski are hot, in this order; one of three may be funny.
    assert world.names(retrieve(request).pool.item_ids) == ["amelie", "alien", "heat"]
    assert {reason: world.names(ids) for reason, ids in left_out(request, each=5).items()} == {
        "caps": ["fargo"]
    }


def test_every_source_there_is_has_a_word_on_an_item(world: World):
    told = verdict_on(Question("ann", why="lebowski"), NOW)

    named = [step.source.name for step in told.steps]
    named += [one.source.name for one in (*told.silent, *told.outside)]
    assert sorted(named) == sorted(all_sources())
    by_name = {one.source.name: one for one in told.outside}
    # Cat, whom ann follows and who does not follow back, liked it; nobody who is a friend did.
    assert by_name["explore"].rank > 0
    assert "would have it at" in by_name["explore"].words
    assert by_name["collaborative"].words == "has nothing to go on for this user"


def test_the_page_offers_compares_and_closes(world: World):
    with time_machine.travel(NOW):
        shown(world, "r1", ["alien"])
        client: Client = logged_in()
        number = other_mix()
        page = client.get("/inspector/", {"user": "ann", "against": f"mix:{number}", "examples": "1"})
        text = page.content.decode()

        assert f'<option value="mix:{number}" selected>' in text
        assert '<option value="past:r1">' in text
        assert "Comes in" in text
        assert "Already engaged with" in text
        assert (
            "Nothing is stored"
            in client.get("/inspector/", {"user": "ann", "against": "past:no"}).content.decode()
        )
        assert client.get("/inspector/", {"user": "ann", "against": "mix:999999"}).status_code == 400
