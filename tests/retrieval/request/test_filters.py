from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.facts import Coded, CodedSets, ItemFacts
from retrieval.filters import Candidates, Filtered, Rules, apply
from retrieval.mixes import Mix
from retrieval.types import Request, RequestFilters
from tests.retrieval.request.contexts import HIDE, LIKE, NOON, VIEW, context, history

FACTS = ItemFacts(
    item_ids=np.array([1, 2, 3, 4], np.int64),
    external_ids=["i1", "i2", "i3", "i4"],
    titles=["One", "Two", "Three", "Four"],
    active=np.array([True, True, True, False]),
    category=Coded.of(["Drama", "Drama", "Comedy", "Drama"]),
    creator_ids=np.array([10, 20, 20, 0], np.int64),
    creator_external_ids=Coded.of(["c10", "c20", "c20", ""]),
    languages=Coded.of(["en", "fr", "en", "en"]),
    tags=CodedSets.of([("a", "b"), ("b",), (), ("a",)]),
    published_at_s=np.array(
        [int((NOON - timedelta(days=d)).timestamp()) for d in (1, 10, 100)] + [0], np.int64
    ),
)
TYPE_IDS = {"view": VIEW, "like": LIKE, "hide": HIDE}


def filtered(*item_ids: int, of=None, mix: Mix | None = None, **request) -> Filtered:
    ids = np.array(item_ids, np.int64)
    rules = Rules.of(Request("alice", 10, NOON, **request), of or context(), mix or Mix(1, ()), TYPE_IDS)
    return apply(Candidates(ids, FACTS.rows_of(ids), FACTS), rules)


def kept(*item_ids: int, **arguments) -> list[int]:
    return np.array(item_ids)[filtered(*item_ids, **arguments).kept].tolist()


def test_an_inactive_item_is_dropped():
    assert filtered(1, 4).reasons == {1: "inactive"}


def test_an_item_that_no_longer_exists_is_dropped_as_deleted():
    assert filtered(1, 99).reasons == {1: "deleted"}


def test_nothing_at_all_exists_and_nothing_breaks():
    empty = ItemFacts(
        np.empty(0, np.int64),
        [],
        [],
        np.empty(0, np.bool_),
        Coded.of([]),
        np.empty(0, np.int64),
        Coded.of([]),
        Coded.of([]),
        CodedSets.of([]),
        np.empty(0, np.int64),
    )
    ids = np.array([7, 8], np.int64)
    rules = Rules.of(Request("alice", 10, NOON, exclude=frozenset({"i1"})), context(), Mix(1, ()), TYPE_IDS)

    assert apply(Candidates(ids, empty.rows_of(ids), empty), rules).counts() == {"deleted": 2}


def test_what_the_user_engaged_with_is_dropped():
    assert kept(1, 2, 3, of=context(history=history((2, VIEW, 5), (3, HIDE, 500)))) == [1]


def test_a_mix_may_count_only_some_event_types_as_seen():
    liked_and_viewed = context(history=history((1, VIEW, 1), (2, LIKE, 1)))

    assert kept(1, 2, of=liked_and_viewed, mix=Mix(1, (), seen_types=frozenset({"like"}))) == [1]


def test_a_mix_may_forget_what_was_seen_long_ago():
    watched = context(history=history((1, VIEW, 31), (2, VIEW, 29)))

    assert kept(1, 2, of=watched, mix=Mix(1, (), seen_window_days=30)) == [1]


def test_a_mix_may_show_seen_items_again():
    assert kept(1, of=context(history=history((1, VIEW, 1))), mix=Mix(1, (), hide_seen=False)) == [1]


@pytest.mark.parametrize(
    ("blocks", "left"),
    [
        ({"blocked_items": np.array([1])}, [2, 3]),
        ({"blocked_creators": np.array([20])}, [1]),
        ({"blocked_tags": frozenset({"b"})}, [3]),
    ],
)
def test_blocked_items_creators_and_tags_are_dropped(blocks, left):
    assert kept(1, 2, 3, of=context(**blocks)) == left


def test_an_item_of_nobody_is_not_blocked_with_a_creator():
    assert filtered(4, of=context(blocked_creators=np.array([20]))).reasons == {0: "inactive"}


def test_the_requests_exclude_is_dropped():
    assert kept(1, 2, exclude=frozenset({"i2", "unknown"})) == [1]


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        (RequestFilters(categories=frozenset({"Comedy", "Western"})), [3]),
        (RequestFilters(tags=frozenset({"a"})), [1]),
        (RequestFilters(languages=frozenset({"fr"})), [2]),
        (RequestFilters(creators=frozenset({"c20"})), [2, 3]),
        (RequestFilters(published_since=NOON - timedelta(days=20)), [1, 2]),
        (RequestFilters(languages=frozenset({"en"}), tags=frozenset({"b"})), [1]),
    ],
)
def test_the_requests_filters_leave_only_what_has_all_of_it(wish, left):
    assert kept(1, 2, 3, filters=wish) == left


def test_the_first_reason_is_the_one_told():
    seen_and_blocked = context(history=history((1, VIEW, 1)), blocked_items=np.array([1]))

    assert filtered(1, of=seen_and_blocked).reasons == {0: "seen"}


@given(
    ids=st.lists(st.integers(1, 6), unique=True, max_size=6),
    seen=st.lists(st.integers(1, 6), max_size=4),
    exclude=st.frozensets(st.sampled_from(["i1", "i2", "i3"])),
)
def test_every_candidate_is_kept_or_has_exactly_one_reason_and_filtering_again_drops_nothing(
    ids, seen, exclude
):
    of = context(history=history(*[(item, VIEW, 1.0) for item in seen]))

    once = filtered(*ids, of=of, exclude=exclude)

    assert set(np.flatnonzero(~once.kept).tolist()) == set(once.reasons)
    survivors = np.array(ids, np.int64)[once.kept].tolist()
    assert filtered(*survivors, of=of, exclude=exclude).kept.all()
