import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts import Coded, CodedSets
from retrieval.merging.diversity import Limits, Traits, measure, select

NO_LIMIT = 10**6


def traits(creators=None, categories=None, tags=None, explores=None) -> Traits:
    n = len(creators or categories or tags or explores)
    return Traits(
        creators=np.array(creators or [0] * n, np.int64),
        categories=Coded.of(categories or [""] * n).codes,
        tags=CodedSets.of(tags or [()] * n),
        explores=np.array(explores or [False] * n, np.bool_),
    )


def limits(creator=NO_LIMIT, category=NO_LIMIT, tag=NO_LIMIT, explore=0) -> Limits:
    return Limits(creator, category, tag, explore)


def test_without_a_cap_the_first_k_are_chosen():
    chosen, passed = select(traits(creators=[1, 1, 1, 2]), 3, limits())

    assert chosen.tolist() == [0, 1, 2]
    assert passed.tolist() == []


def test_the_third_of_a_creator_gives_way_to_the_next_in_order():
    chosen, passed = select(traits(creators=[1, 1, 1, 2, 3]), 4, limits(creator=2))

    assert chosen.tolist() == [0, 1, 3, 4]
    assert passed.tolist() == [2]


def test_an_item_counts_against_each_of_its_tags():
    tags = [("a", "b"), ("b",), ("a",), ("c",)]

    chosen, _ = select(traits(tags=tags), 4, limits(tag=1))

    assert chosen.tolist() == [0, 3]


def test_nobodys_items_are_never_capped():
    chosen, _ = select(traits(creators=[0, 0, 0], categories=["", "", ""]), 3, limits(creator=1, category=1))

    assert chosen.tolist() == [0, 1, 2]


def test_the_floor_brings_explorers_into_the_answer_in_place_of_the_last():
    chosen, _ = select(traits(explores=[False, False, False, False, True]), 3, limits(explore=1))

    assert chosen.tolist() == [0, 1, 4]


def test_shares_become_counts_that_round_up():
    assert Limits.of(10, 0.11, 0.5, 1.0, 0.15) == Limits(creator=2, category=5, tag=10, explore=1)


@given(
    creators=st.lists(st.integers(0, 4), min_size=1, max_size=40),
    k=st.integers(1, 40),
    cap=st.integers(1, 5),
)
def test_no_creator_ever_exceeds_its_cap_and_nothing_is_lost(creators, k, cap):
    chosen, passed = select(traits(creators=creators), k, limits(creator=cap))

    counts = np.bincount([creators[row] for row in chosen], minlength=5)
    assert (counts[1:] <= cap).all()
    assert len(chosen) <= k
    assert not set(chosen.tolist()) & set(passed.tolist())
    assert len(chosen) == k or len(chosen) + len(passed) == len(creators)


@given(
    st.lists(st.lists(st.sampled_from("abcd"), unique=True, min_size=1).map(tuple), min_size=2, max_size=8)
)
def test_intra_list_diversity_is_the_mean_of_one_minus_cosine_over_all_pairs(tags):
    pairs = list(itertools.combinations(tags, 2))
    cosines = [len(set(a) & set(b)) / (len(a) * len(b)) ** 0.5 for a, b in pairs]

    measured = measure(traits(tags=tags))["intra_list_diversity"]

    assert measured == pytest.approx(1 - sum(cosines) / len(pairs), abs=1e-3)


def test_equal_items_have_no_diversity_and_strangers_all_of_it():
    assert measure(traits(tags=[("a",), ("a",)]))["intra_list_diversity"] == 0
    assert measure(traits(tags=[("a",), ("b",)]))["intra_list_diversity"] == 1


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sets(st.sampled_from("abc"))),
        min_size=1,
        max_size=40,
    ),
    k=st.integers(1, 40),
    caps=st.tuples(*[st.integers(1, 8)] * 3),
)
def test_turns_choose_what_one_row_after_the_other_would(rows, k, caps):
    creators, categories, tags = (list(column) for column in zip(*rows, strict=True))
    names = [["", "x", "y", "z"][category] for category in categories]

    chosen, passed = select(traits(creators, names, [sorted(each) for each in tags]), k, limits(*caps))

    assert (chosen.tolist(), passed.tolist()) == one_by_one(creators, names, tags, k, caps)


def one_by_one(creators, categories, tags, k, caps) -> tuple[list[int], list[int]]:
    """The definition: each row in order is taken unless something that it has is used up."""
    used: dict[tuple[str, object], int] = {}
    chosen: list[int] = []
    passed: list[int] = []
    for row in range(len(creators)):
        if len(chosen) == k:
            break
        has = [("creator", creators[row])] if creators[row] else []
        has += [("category", categories[row])] if categories[row] else []
        has += [("tag", tag) for tag in tags[row]]
        limit = dict(zip(("creator", "category", "tag"), caps, strict=True))
        if any(used.get(one, 0) >= limit[one[0]] for one in has):
            passed.append(row)
            continue
        chosen.append(row)
        for one in has:
            used[one] = used.get(one, 0) + 1
    return chosen, passed
