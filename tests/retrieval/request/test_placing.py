"""New items in an answer: where they stand, whom they are kept from, and what is said of them."""

from dataclasses import replace

import numpy as np
import pytest

from catalog.models import Block, Item
from coldstart.impressions import Impression, record_impressions
from coldstart.models import Explored, Spending
from retrieval import toplists, trending
from retrieval.answer import Answer
from retrieval.explain import why
from retrieval.mixes import DEFAULT_BODY, create_revision
from retrieval.placing import inserted
from retrieval.service import retrieve
from retrieval.types import Pool, Request, RequestFilters
from tests.coldstart.conftest import ruled
from tests.worlds import NOW, World, add_news, did, movie_world, publish_patient_mix

pytestmark = pytest.mark.django_db
__all__ = ["ruled"]


@pytest.fixture
def world(ruled) -> World:
    """Film "premiere" is tried on everybody at the third place; the bandit is silent, unless a test wakes it."""
    ruled(position=3, slots=1, bandit_slots=0)
    world = add_news(movie_world())
    trending.forget_copy()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return world


def ask(user: str = "dan", k: int = 6, **more) -> Answer:
    return retrieve(Request(user=user, k=k, now=NOW, request_id="r1", **more))


def films(answer: Answer) -> list[str]:
    return [answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)]


def sources_of(answer: Answer, film: str) -> set[str]:
    ranks = answer.pool.ranks[films(answer).index(film)]
    return {name for name, rank in zip(answer.pool.sources, ranks, strict=True) if rank}


def test_a_new_item_stands_at_its_place_and_says_that_it_is_tried(world):
    answer = ask()

    assert films(answer)[2] == "premiere"
    assert "new_items" in sources_of(answer, "premiere")
    assert [(p.position, p.source, p.propensity) for p in answer.placements] == [(3, "new_items", 1.0)]


def test_the_answer_has_each_item_once_as_many_as_asked_for_and_falling_scores(world):
    answer = ask()

    assert len(set(films(answer))) == len(films(answer)) == 6
    assert (np.diff(answer.pool.scores) <= 0).all()


def test_an_answer_from_the_cache_has_it_too(world):
    first, second = ask(), ask()

    assert (first.cache_level, second.cache_level) == ("none", "L1")
    assert films(first) == films(second)
    assert second.placements == first.placements


def test_what_was_tried_on_a_user_is_not_tried_again(world):
    record_impressions([Impression("r0", "dan", "premiere", 3, "new_items")], now=NOW)

    assert ask().placements == ()


def test_what_a_client_shows_otherwise_is_no_trial(world):
    record_impressions([Impression("r0", "dan", "premiere", 3, "trending")], now=NOW)

    assert len(ask().placements) == 1
    assert not Explored.objects.exists()


@pytest.mark.parametrize("blocked", ["item", "creator", "tag"])
def test_what_is_blocked_is_never_tried(world, blocked):
    what = {"item": {"item_id": world.items["premiere"]}, "creator": {"creator_id": world.creators["mann"]}}
    Block.objects.create(user_id=world.users["dan"], created_at=NOW, **what.get(blocked, {"tag": "heist"}))

    assert "premiere" not in films(ask())


def test_what_is_inactive_excluded_filtered_or_known_is_not_tried(world):
    assert "premiere" not in films(ask(exclude=frozenset({"premiere"})))
    assert "premiere" not in films(ask(filters=RequestFilters(tags=frozenset({"funny"}))))
    did("ben", "click", "premiere", hours_ago=0)
    assert "premiere" not in films(ask("ben"))
    Item.objects.filter(external_id="premiere").update(active=False)
    assert "premiere" not in films(ask())


def test_a_stranger_is_tried_nothing_on(world):
    assert ask("nobody knows me").placements == ()


def test_an_answer_of_named_sources_stays_what_it_is(world):
    assert ask(sources=("trending",)).placements == ()


def test_a_short_answer_is_never_new_in_its_upper_half(world):
    assert ask(k=1).placements == ()
    assert films(ask(k=2))[1] == "premiere"


def test_what_the_sources_put_higher_themselves_stays_there(world):
    for user in ("ann", "ben", "cat"):
        did(user, "share", "premiere", hours_ago=0.5)
    trending.rebuild(NOW)

    answer = ask(mix_revision=None)

    assert films(answer)[0] == "premiere"
    assert answer.placements == ()


def test_exploration_over_its_budget_pauses(world):
    Spending.objects.create(hour=now_hour(), shard=1, shown=10_000, explored=500)

    assert ask().placements == ()


def test_the_bandit_takes_the_next_place_or_leaves_it_for_comparison(world, ruled):
    ruled(position=3, slots=0, bandit_slots=1, budget=0.05)

    answers = [retrieve(Request(user="dan", k=6, now=NOW, request_id=f"r{i}")) for i in range(60)]

    drawn = [a.placements[0] for a in answers if a.placements[0].source]
    left = [a.placements[0] for a in answers if not a.placements[0].source]
    assert {(p.position, p.source, round(p.propensity, 6)) for p in drawn} == {(3, "bandit", 0.3)}
    assert {(p.position, round(p.propensity, 6)) for p in left} == {(3, 0.7)}
    # 18 ± 3.5; the user's id is another in each run, so that bounds of four deviations fail by luck alone never.
    assert 4 <= len(drawn) <= 33


def test_why_tells_of_the_place_and_of_the_trial(world):
    told = why(Request(user="dan", k=6, now=NOW, request_id="r1"), "premiere")

    assert told.final_rank == 3
    assert "new_items" in {found.source for found in told.found_by}


def test_a_creator_at_the_mixs_cap_gets_no_more_by_being_new(world):
    caps = {"creator_share": 0.1, "strict": True}
    revision = create_revision({**DEFAULT_BODY, "caps": caps, "fill": ["trending"]}, note="one each").number

    answer = ask(mix_revision=revision)

    assert "heat" in films(answer)  # by the same creator
    assert answer.placements == ()


POOL = Pool(
    sources=("content",),
    item_ids=np.array([10, 20, 30, 40]),
    scores=np.array([4, 3, 2, 1], np.float32),
    ranks=np.array([[1], [2], [3], [4]], np.int32),
    source_scores=np.array([[9], [8], [7], [6]], np.float32),
    seeds=np.zeros((4, 1), np.int64),
)


def choices(*item_ids: int):
    from coldstart.exploration.choosing import Choice

    return [Choice(item_id, "new_items", 0.25) for item_id in item_ids]


@pytest.mark.parametrize(
    ("new", "first", "k", "expected"),
    [
        ((99,), 2, 4, [10, 99, 20, 30]),
        ((99,), 5, 9, [10, 20, 30, 40, 99]),
        ((99, 98), 2, 9, [10, 99, 98, 20, 30, 40]),
        ((40,), 2, 4, [10, 40, 20, 30]),
        ((), 2, 4, [10, 20, 30, 40]),
    ],
)
def test_new_items_are_inserted_and_those_further_back_move(new, first, k, expected):
    assert inserted(POOL, choices(*new), first, k=k).item_ids.tolist() == expected


def test_an_item_that_moves_keeps_its_sources_and_gains_one():
    pool = inserted(POOL, choices(40), 2, k=4)

    assert pool.sources == ("new_items", "content")
    assert pool.ranks[1].tolist() == [1, 4]
    assert pool.source_scores[1].tolist() == [0.25, 6]
    assert pool.scores.tolist() == [4, 3, 3, 2]


def test_into_an_empty_pool_they_come_alone():
    empty = replace(POOL.take(np.empty(0, np.int64)))

    assert inserted(empty, choices(99), 1, k=3).item_ids.tolist() == [99]


def now_hour():
    from datetime import UTC, datetime

    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
