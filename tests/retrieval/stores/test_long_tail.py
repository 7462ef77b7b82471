from dataclasses import replace

import numpy as np
import pytest

from retrieval import toplists, trending
from retrieval.drawing import forget_catalogue
from retrieval.impressions import shown_rows
from retrieval.mixes import create_revision, publish
from retrieval.service import retrieve
from retrieval.source import all_sources
from retrieval.types import Request
from tests.worlds import NOW, World, movie_world

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["long_tail"]


@pytest.fixture
def world() -> World:
    world = movie_world()
    toplists.rebuild(NOW)
    trending.rebuild(NOW)
    forget_catalogue()
    return world


def test_the_most_popular_are_left_out_and_the_score_is_the_chance_of_each(world):
    dan = world.context("dan")
    samples = [SOURCE.retrieve(replace(dan, seed=seed), 2) for seed in range(100)]

    tail = set(SOURCE.retrieve(world.context("dan"), 50).item_ids.tolist())
    popular = set(toplists.top_lists("all", [""], None)[""][0][:2].tolist())
    assert tail
    assert not tail & popular
    assert {round(float(score), 6) for found in samples for score in found.scores} == {
        round(2 / len(tail), 6)
    }
    drawn = np.concatenate([found.item_ids for found in samples])
    for item_id in tail:
        # Of 100 draws; five deviations.
        expected = 100 * 2 / len(tail)
        assert abs(int((drawn == item_id).sum()) - expected) < 5 * expected**0.5


def test_in_a_large_catalogue_the_chance_is_that_of_being_hit_and_kept(world, monkeypatch):
    monkeypatch.setattr("retrieval.drawing.SMALL", 1)

    dan = world.context("dan")
    samples = [SOURCE.retrieve(replace(dan, seed=seed), 2) for seed in range(100)]

    # Horvitz and Thompson's estimate of how many there are is right on average.
    sizes = [sum(1 / score for score in found.scores.tolist()) for found in samples]
    tail = len(SOURCE.retrieve(dan, 500))
    assert np.mean(sizes) == pytest.approx(tail, rel=0.3)


def test_the_chance_comes_with_the_candidate_and_into_its_impression(world):
    sources = [{"name": name, "quota": 1000, "limit_ms": 10_000} for name in ("trending", "long_tail")]
    publish(create_revision({"sources": sources, "merge": "quotas"}, note="Hot and tail.").number)

    answer = retrieve(Request(user="dan", k=50, now=NOW, use_cache=False))

    lone = {
        item_id
        for item_id, ranks in zip(answer.pool.item_ids.tolist(), answer.pool.ranks, strict=True)
        if ranks[answer.pool.sources.index("long_tail")] and not ranks[answer.pool.sources.index("trending")]
    }
    assert lone
    assert {placement.item_id for placement in answer.placements} == lone
    rows = {row.item_id: row for row in shown_rows(replace(answer, user_id=1), NOW)}
    assert {item_id for item_id, row in rows.items() if row.propensity is not None} == lone
    assert {rows[item_id].source for item_id in lone} == {"long_tail"}
    assert {rows[item_id].propensity for item_id in lone} == {1.0}
