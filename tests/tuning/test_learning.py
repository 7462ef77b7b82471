from dataclasses import replace

import numpy as np
import pytest

from retrieval.evaluation.installed import NothingToJudge
from retrieval.mixes import parse_mix
from retrieval.tuning.cross_entropy import Search, cross_entropy
from retrieval.tuning.learning import Floors, Settings, learn, split, worth
from retrieval.tuning.listwise import most_likely
from retrieval.tuning.pools import pools_of
from retrieval.tuning.probability import as_probability
from retrieval.tuning.quotas import learn_quotas
from retrieval.tuning.traits import csr_array
from retrieval.tuning.tuning import mix_to_record, tune, with_sources
from tests.tuning.recordings import many, recorded

ITEMS = np.arange(1, 61)
NO_TRAITS = csr_array((60, 1), dtype=np.float32)
PRESENT = np.array([0, 0.1, 0, 0, 1.0, 0])  # bad counts ten times as much as good
QUICK = Settings(depths=(3,), searches=1, search=Search(rounds=6, draws=20, elite=5))


def test_cross_entropy_finds_the_best_direction():
    best = np.array([0.6, 0.0, -0.8])

    found = cross_entropy(
        lambda drawn: drawn @ best,
        lambda _: True,
        np.array([0.0, 1.0, 0.0]),
        corners=np.empty((0, 3)),
        search=Search(rounds=20),
        seed=1,
    )

    assert found @ best > 0.99


def test_cross_entropy_stays_where_nothing_else_is_allowed():
    start = np.array([0.0, 2.0])

    found = cross_entropy(
        lambda drawn: drawn[:, 0], lambda _: False, start, corners=np.eye(2), search=Search(rounds=3), seed=1
    )

    assert found.tolist() == [0, 1]


def test_learning_finds_the_source_that_knows():
    pools = pools_of(many(40), ITEMS)

    learned = learn(pools, PRESENT, NO_TRAITS, QUICK)

    before, after = worth(pools, np.stack([PRESENT, learned]), (3,))
    assert before < 0.2
    assert after > 0.9


def test_what_is_as_good_as_it_gets_stays_as_it_is():
    pools = pools_of(many(40, wrong=True), ITEMS)

    learned = learn(pools, PRESENT, NO_TRAITS, QUICK)

    assert learned == pytest.approx(PRESENT / np.linalg.norm(PRESENT), abs=0.3)
    assert worth(pools, learned[None], (3,))[0] == 1


def test_the_same_seed_learns_the_same():
    pools = pools_of(many(30), ITEMS)

    assert (learn(pools, PRESENT, NO_TRAITS, QUICK) == learn(pools, PRESENT, NO_TRAITS, QUICK)).all()


def test_a_floor_forbids_what_shows_too_little_of_the_catalogue():
    # Good shows the same hundred to everybody, bad another hundred to each.
    everybodys = list(range(1, 101))
    own = [list(range(101 + 100 * i, 201 + 100 * i)) for i in range(5)]
    pools = pools_of(
        [recorded(everybodys, items, wanted=[1], user=str(items[0])) for items in own], np.arange(1, 700)
    )
    only_good, only_bad = np.array([1.0, 0, 0, 0, 0, 0]), np.array([0, 0, 0, 1.0, 0, 0])
    no_traits = csr_array((699, 1), dtype=np.float32)

    half = Floors(pools, only_bad, no_traits, replace(QUICK, coverage_floor=0.5))
    fifth = Floors(pools, only_bad, no_traits, replace(QUICK, coverage_floor=0.2))

    assert half(only_bad)
    assert not half(only_good)
    assert fifth(only_good)


def test_a_floor_forbids_lists_of_what_is_all_alike():
    good, bad = list(range(1, 101)), list(range(101, 201))
    pools = pools_of([recorded(good, bad, wanted=[1])], np.arange(1, 201))
    only_good, only_bad = np.array([1.0, 0, 0, 0, 0, 0]), np.array([0, 0, 0, 1.0, 0, 0])
    # What good shows has one tag, what bad shows has none in common.
    traits = csr_array(np.repeat([[1.0], [0.0]], 100, axis=0).astype(np.float32))

    allowed = Floors(pools, only_bad, traits, replace(QUICK, diversity_floor=0.9))

    assert allowed(only_bad)
    assert not allowed(only_good)


def test_a_users_requests_are_never_on_both_sides():
    pools = pools_of([replace(one, user=f"u{i % 7}") for i, one in enumerate(many(50))], ITEMS)

    one, other = split(pools, 0.5, np.random.default_rng(3))

    assert len(one) + len(other) == 50
    assert not set(one.users.tolist()) & set(other.users.tolist())


def test_quotas_move_to_the_source_that_knows_and_their_sum_stays():
    # What is wanted is good's 25th: with a quota of 40 of 1000 it is never reached at k = 500.
    requests = [
        recorded(list(range(1, 61)), list(range(100, 160)), wanted=[25], user=f"u{i}") for i in range(30)
    ]
    items = np.arange(1, 200)

    quotas = learn_quotas(
        requests,
        np.array([40, 80]),
        np.array([0, 1.0, 0, 0, 0, 0]),
        items,
        k=500,
        overfetch=1.0,
        depths=(40,),
    )

    assert quotas.tolist() == [60, 60]


def test_a_score_becomes_the_share_that_was_engaged_with_in_the_same_order():
    # What is wanted lies high in good's list, but nothing tells it from what lies between.
    requests = [replace(one, wanted=one.item_ids[[0, 4, 11]]) for one in many(50)]
    pools = pools_of(requests, ITEMS)
    weights = np.array([0, 1.0, 0, 0, 0, 0])

    scale, bias = as_probability(pools, weights)

    scores = (pools.features @ weights)[np.arange(pools.features.shape[1]) < pools.ends[:, None]]
    assert scale > 0
    assert (1 / (1 + np.exp(-(bias + scale * scores)))).mean() == pytest.approx(3 / 60, abs=0.005)


def body() -> dict:
    return {
        "merge": "calibrated",
        "sources": [
            {"name": "content", "quota": 100, "weight": 0.1},
            {"name": "trending", "quota": 100, "weight": 1.0},
        ],
    }


def named(requests):
    return [replace(one, sources=("content", "trending")) for one in requests]


@pytest.fixture
def _no_tags(monkeypatch):
    monkeypatch.setattr(
        "retrieval.tuning.tuning.traits_of", lambda ids: csr_array((len(ids), 1), dtype=np.float32)
    )


@pytest.mark.usefixtures("_no_tags")
def test_the_promised_gain_is_of_users_it_did_not_learn_from():
    tuned = tune(named(many(120)), body(), k=1000, left_out=[], settings=QUICK)

    assert tuned.learned_from == tuned.gain.n == 60
    assert tuned.gain.low > 0.3
    assert set(tuned.gains) == {"warm"}
    mix = parse_mix(tuned.body)
    assert mix.merge == "calibrated"
    assert mix.segments == ()
    assert "Expected recall, mean at 3" in tuned.note()


@pytest.mark.usefixtures("_no_tags")
def test_users_who_did_little_get_weights_of_their_own():
    # The warm want what the one source says, the light what the other one does.
    requests = named(
        many(150) + [replace(one, user=f"l{one.user}") for one in many(150, wrong=True, event_count=5)]
    )

    tuned = tune(requests, body(), k=1000, left_out=[], settings=QUICK)

    mix = parse_mix(tuned.body)
    # Of the cold there are none: they keep what was learned from everybody.
    assert [segment.below_events for segment in mix.segments] == [1, 20]
    assert tuned.gains["light"].tuned > 0.9
    assert tuned.gains["warm"].tuned > 0.9


@pytest.mark.usefixtures("_no_tags")
def test_what_was_learned_of_a_source_does_not_fade():
    fading = body()
    fading["sources"][0]["fade_events"] = 5
    # Nothing of its weight is left for these people, who want what it says.
    requests = [replace(one, fading=np.array([0.0, 1.0])) for one in named(many(120))]

    tuned = tune(requests, fading, k=1000, left_out=[], settings=QUICK)

    assert tuned.gain.low > 0.3
    assert parse_mix(tuned.body).slot("content").fade_events is None


@pytest.mark.usefixtures("_no_tags")
def test_too_few_users_teach_nothing():
    with pytest.raises(NothingToJudge, match="5 users"):
        tune(named(many(5)), body(), k=1000, left_out=[], settings=QUICK)


def test_a_mix_is_recorded_deeper_and_with_what_it_is_to_try():
    mix, left_out = mix_to_record(with_sources(body(), ["fresh", "content"]))

    assert [(slot.name, slot.quota) for slot in mix.slots] == [
        ("content", 200),
        ("trending", 200),
        ("fresh", 600),
    ]
    assert left_out == []


def test_the_likeliest_weighting_finds_the_source_that_knows():
    pools = pools_of(many(40), ITEMS)

    assert worth(pools, most_likely(pools)[None], (3,))[0] > 0.9


def test_where_nothing_was_found_no_weighting_is_likelier():
    pools = pools_of(many(3), ITEMS)
    nothing = (np.empty(0, np.int64), np.empty(0, np.int64))

    assert not most_likely(replace(pools, wanted=nothing)).any()
