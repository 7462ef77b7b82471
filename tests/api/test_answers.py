from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest

from api.candidates.answers import answer_body, item_ids, server_timing, short
from retrieval import reasons
from retrieval.answer import Answer, CacheUse
from retrieval.facts import Coded, CodedSets, ItemFacts
from retrieval.types import Pool


class Content:
    name, label, explores, reason = "content", "Content", False, "because you liked {seed}"


class Social:
    name, label, explores, reason = "social", "Social", False, "popular with your friends"


@pytest.fixture(autouse=True)
def _two_sources(monkeypatch):
    sources = {"content": Content(), "social": Social()}
    monkeypatch.setattr(reasons, "all_sources", lambda: sources)


def facts() -> ItemFacts:
    """Items 10, 20 and 30; 30 is no candidate but a seed, and also the number of a user."""
    return ItemFacts(
        item_ids=np.array([10, 20, 30]),
        external_ids=["alien", "heat", "fargo"],
        titles=["Alien", "Heat", "Fargo"],
        active=np.ones(3, bool),
        category=Coded.of([""] * 3),
        creator_ids=np.zeros(3, np.int64),
        creator_external_ids=Coded.of([""] * 3),
        languages=Coded.of([""] * 3),
        tags=CodedSets.of([()] * 3),
        published_at_s=np.zeros(3, np.int64),
    )


def answer() -> Answer:
    """heat: content's 2nd because of fargo and social's 1st because of user 30; alien: content's 1st."""
    pool = Pool(
        sources=("content", "social"),
        item_ids=np.array([20, 10]),
        scores=np.array([0.5, 0.1], np.float32),
        ranks=np.array([[2, 1], [1, 0]], np.int32),
        source_scores=np.array([[0.7, 3.0], [0.9, 0.0]], np.float32),
        seeds=np.array([[30, 30], [30, 0]]),
    )
    return Answer(
        request_id="r1",
        user="ann",
        known_user=True,
        asked=3,
        pool=pool,
        facts=facts(),
        dropped={"seen": 4},
        shortfall="3 asked for, 2 given.",
        degraded=("cache",),
        reports=(),
        cache=CacheUse(),
        timings_ms={"context": 1.234, "sources": 5.0},
        mix_revision=1,
        model_version=2,
        history_version=3,
        arms={"merge": "b"},
        diversity={"categories": 1.0},
    )


def candidates(**changes: Any) -> list[dict[str, Any]]:
    body = answer_body(replace(answer(), **changes), fields="full", explain=False)
    found: list[dict[str, Any]] = orjson.loads(orjson.dumps(body))["candidates"]
    return found


def test_every_source_that_proposed_a_candidate_is_named_with_rank_and_score():
    heat, alien = candidates()

    assert heat["sources"] == [
        {"name": "content", "rank": 2, "score": 0.7},
        {"name": "social", "rank": 1, "score": 3.0},
    ]
    assert alien["sources"] == [{"name": "content", "rank": 1, "score": 0.9}]


def test_the_reason_is_that_of_the_source_that_ranked_it_best():
    _, alien = candidates()

    assert alien["reason"] == {
        "source": "content",
        "text": "because you liked Fargo",
        "seed": {"item_id": "fargo", "title": "Fargo"},
        "interest": None,
    }


def test_a_user_who_led_to_an_item_is_never_taken_for_an_item():
    heat, _ = candidates()

    assert heat["reason"] == {
        "source": "social",
        "text": "popular with your friends",
        "seed": None,
        "interest": None,
    }


def test_bare_ids_come_in_the_same_order():
    body = answer_body(answer(), fields="ids", explain=False)

    assert body["item_ids"] == ["heat", "alien"]
    assert "candidates" not in body


def test_the_answer_adds_up():
    body = answer_body(answer(), fields="full", explain=True)

    assert (body["k"], body["count"], body["shortfall"]) == (3, 2, "3 asked for, 2 given.")
    assert body["versions"] == {"mix": 1, "model": 2, "history": 3}
    assert body["explain"]["dropped"] == {"seen": 4}


def test_a_full_answer_has_no_shortfall():
    assert answer_body(replace(answer(), shortfall=""), fields="ids", explain=False)["shortfall"] is None


def test_an_empty_pool_is_an_empty_list():
    empty = answer().pool.take(np.array([], np.int64))

    assert candidates(pool=empty) == []
    assert item_ids(replace(answer(), pool=empty)) == []


def test_scores_keep_seven_digits_and_their_order():
    scores = np.array([1e30, 123456.789, 0.1, 1e-30, 0, -0.3], np.float32)

    shortened = short(scores)

    assert np.allclose(shortened, scores, rtol=1e-6, atol=0)
    assert (np.diff(shortened) < 0).all()
    assert shortened[2] == 0.1


def test_the_stages_are_one_header():
    assert server_timing({"context": 1.234, "sources": 5.0}) == "context;dur=1.23, sources;dur=5.00"
