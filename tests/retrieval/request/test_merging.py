import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.merging import MERGES, Order, append_pool, build_pool, merge
from retrieval.types import Found, Pool
from tests.retrieval.request.found import found

source_lists = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]),
    st.lists(st.integers(1, 60), unique=True, max_size=30).map(lambda ids: found(*ids)),
    min_size=1,
)


def merged(
    sources: dict[str, Found],
    name: str,
    *,
    quotas=None,
    weights=None,
    coefficients=None,
    bias: float = 0.0,
    known=(),
    seed: int = 7,
) -> Pool:
    order = Order(
        name=name,
        quotas=quotas or dict.fromkeys(sources, 10.0),
        weights=weights or dict.fromkeys(sources, 1.0),
        coefficients=coefficients or dict.fromkeys(sources, (0.5, 1.0, 0.1)),
        bias=bias,
        seed=seed,
    )
    return merge(sources, order, known=np.array(known, np.int64))


def test_an_item_of_two_sources_stands_once_with_both_ranks_and_seeds():
    pool = build_pool({"a": found(5, 6, seed=1), "b": found(9, 6, seed=2)})

    assert pool.item_ids.tolist() == [5, 6, 9]
    assert pool.ranks.tolist() == [[1, 0], [2, 2], [0, 1]]
    assert pool.seeds.tolist() == [[1, 0], [1, 2], [0, 2]]


def test_quotas_interleave_sources_in_proportion():
    pool = merged({"a": found(1, 2, 3, 4), "b": found(11, 12)}, "quotas", quotas={"a": 4.0, "b": 2.0})

    assert pool.item_ids.tolist() == [1, 2, 11, 3, 4, 12]


def test_the_first_k_hold_each_quota_exactly():
    pool = merged(
        {"a": found(*range(1, 20)), "b": found(*range(101, 120))}, "quotas", quotas={"a": 7.0, "b": 3.0}
    )

    first_ten = pool.item_ids[:10]
    assert (first_ten < 100).sum() == 7
    assert (first_ten > 100).sum() == 3


def test_what_one_source_lacks_the_others_back_fill():
    pool = merged({"a": found(1, 2, 3, 4, 5, 6), "b": found(11)}, "quotas", quotas={"a": 3.0, "b": 3.0})

    assert set(pool.item_ids[:6].tolist()) == {1, 2, 3, 4, 5, 11}


def test_round_robin_takes_turns_in_the_order_of_the_mix():
    pool = merged({"b": found(1, 2, 3), "a": found(11, 12)}, "round_robin")

    assert pool.item_ids.tolist() == [1, 11, 2, 12, 3]


def test_reciprocal_rank_fusion_prefers_what_two_sources_agree_on():
    pool = merged({"a": found(1, 2), "b": found(3, 2)}, "reciprocal_rank")

    assert pool.item_ids[0] == 2
    assert pool.scores[0] == pytest.approx(2 / 62)


def test_reciprocal_rank_fusion_obeys_the_weights():
    pool = merged({"a": found(1), "b": found(2)}, "reciprocal_rank", weights={"a": 1.0, "b": 3.0})

    assert pool.item_ids.tolist() == [2, 1]


def test_sampling_gives_the_same_answer_for_the_same_seed_and_another_for_another():
    sources = {"a": found(*range(1, 40)), "b": found(*range(101, 140))}

    once, again, other = (merged(sources, "sampling", seed=seed).item_ids.tolist() for seed in (1, 1, 2))

    assert once == again
    assert once != other


def test_sampling_draws_sources_in_proportion_to_their_weights():
    sources = {"a": found(*range(1, 1001)), "b": found(*range(2001, 3001))}

    firsts = [
        (merged(sources, "sampling", weights={"a": 3.0, "b": 1.0}, seed=seed).item_ids[:100] < 2000).mean()
        for seed in range(40)
    ]

    # 4,000 draws with chance 3/4: standard error 0.007.
    assert np.mean(firsts) == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("name", ["quotas", "sampling"])
def test_a_source_of_weight_zero_comes_after_all_others(name):
    pool = merged({"a": found(1, 2), "b": found(11, 12)}, name, weights={"a": 0.0, "b": 1.0})

    assert pool.item_ids[:2].tolist() == [11, 12]


@pytest.mark.parametrize("name", MERGES)
@given(sources=source_lists)
def test_every_merge_keeps_every_item_once_with_its_provenance(name, sources):
    pool = merged(sources, name)

    assert sorted(pool.item_ids.tolist()) == sorted(
        {i for f in sources.values() for i in f.item_ids.tolist()}
    )
    for column, one in enumerate(sources.values()):
        its_ranks = pool.ranks[:, column]
        by_rank = pool.item_ids[np.argsort(its_ranks)][(its_ranks == 0).sum() :]
        assert by_rank.tolist() == one.item_ids.tolist()


@pytest.mark.parametrize("name", MERGES)
@given(sources=source_lists)
def test_every_merge_answers_finite_scores_best_first(name, sources):
    scores = merged(sources, name).scores

    assert np.isfinite(scores).all()
    assert (np.diff(scores) <= 0).all()


@pytest.mark.parametrize("name", MERGES)
@given(sources=source_lists)
def test_every_merge_keeps_the_order_of_a_lone_source(name, sources):
    only = next(iter(sources.items()))

    assert merged(dict([only]), name).item_ids.tolist() == only[1].item_ids.tolist()


@given(first=source_lists, second=source_lists)
def test_appending_keeps_the_first_pool_in_front_and_adds_only_what_is_new(first, second):
    a, b = merged(first, "round_robin"), merged(second, "round_robin")

    both = append_pool(a, b)

    assert both.item_ids[: len(a)].tolist() == a.item_ids.tolist()
    assert set(both.item_ids.tolist()) == set(a.item_ids.tolist()) | set(b.item_ids.tolist())
    assert len(np.unique(both.item_ids)) == len(both)
    assert (np.diff(both.scores) <= 0).all()
