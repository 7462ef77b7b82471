import numpy as np
import pytest

from catalog.models import Item
from retrieval.gathering import KNOWN_AT_MOST, fill_pool, planned_calls
from retrieval.merging import Order, merge
from retrieval.mixes import Mix, Slot
from retrieval.types import Found, InvalidRequest, Request
from tests.retrieval.request.contexts import NOON
from tests.worlds import NOW, movie_world

MIX = Mix(1, (Slot("content", 300), Slot("trending", 200)), overfetch=1.5)


def asked(k: int, *, known: int = 0, sources: tuple[str, ...] = ()) -> dict[str, int]:
    calls = planned_calls(MIX, Request("alice", k, NOON, sources=sources), known=known)
    return {call.source.name: call.k for call in calls}


def test_each_source_is_asked_for_its_quota_and_a_half_more():
    assert asked(1000) == {"content": 450, "trending": 300}


def test_a_short_answer_is_merged_from_lists_as_deep_as_one_of_six_hundred():
    assert asked(100) == asked(400) == {"content": 180, "trending": 120}


def test_what_the_user_has_seen_is_asked_for_on_top():
    assert asked(1000, known=40) == {"content": 490, "trending": 340}


def test_a_life_of_watching_does_not_make_the_search_endless():
    assert asked(1000, known=10_000)["trending"] == 300 + KNOWN_AT_MOST


def test_a_source_asked_alone_can_fill_the_answer():
    assert asked(100, known=10, sources=("trending",)) == {"trending": 160}


def test_an_unknown_source_is_refused_by_name():
    with pytest.raises(InvalidRequest, match="'tarot' is no source"):
        asked(10, sources=("tarot",))


@pytest.mark.django_db
def test_a_draw_from_a_large_catalogue_is_not_asked_for_what_it_hardly_ever_draws():
    world = movie_world()
    found = np.array([world.items["heat"], world.items["alien"]], np.int64)
    pool = merge(
        {"content": Found(found, np.array([2, 1], np.float32), np.zeros(2, np.int64))},
        Order.even("round_robin", ["content"]),
    )
    mix = Mix(1, (), fill=("trending", "explore"))

    def asked_for() -> dict[str, int]:
        _, reports = fill_pool(pool, mix, world.context("ann"), missing=3, began=0.0)
        return {report.name: report.asked for report in reports}

    assert asked_for() == {"trending": 111, "explore": 111}
    # As far as anybody can tell by the ids, there are millions.
    Item.objects.create(
        id=world.items["heat"] + 5_000_000, external_id="far", title="Far", created_at=NOW, updated_at=NOW
    )
    assert asked_for() == {"trending": 111, "explore": 109}
