"""Candidates that are kept, computed ahead and shared, with real stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from retrieval import ahead, keys, metrics
from retrieval.config import overridden
from retrieval.service import retrieve
from retrieval.types import RequestFilters
from tests.retrieval.stores.kept_pools import ANNS, REQUEST, age, films, key_of
from tests.worlds import NOW, did

pytestmark = pytest.mark.django_db(transaction=True)


class TestLevels:
    def test_the_answer_says_how_old_its_candidates_are(self, world):
        retrieve(REQUEST)
        age(key_of(), by_s=100)

        answer = retrieve(REQUEST)

        assert (answer.cache.level, answer.cache.stale) == ("L1", False)
        assert 99 < answer.cache.age_s < 200

    def test_what_has_expired_is_computed_anew_and_the_reason_is_told(self, world):
        retrieve(REQUEST)
        age(key_of(), by_s=400)

        answer = retrieve(REQUEST)

        assert answer.cache.level == "none"
        assert [(seen.level, seen.result, seen.reason) for seen in answer.cache.trail] == [
            ("L1", "miss", "expired"),
            ("L3", "miss", "absent"),
        ]

    def test_candidates_computed_ahead_serve_who_asks_later(self, world):
        assert ahead.precompute(["ann"], now=NOW) == 1

        answer = retrieve(REQUEST)

        assert (answer.cache.level, answer.cache.stale, films(answer)) == ("L3", False, ANNS)

    def test_candidates_computed_ahead_of_an_event_do_not_serve_after_it(self, world):
        ahead.precompute(["ann"], now=NOW)
        did("ann", "click", "amelie", hours_ago=0)

        answer = retrieve(REQUEST)

        assert answer.cache.level == "none"
        assert [seen.reason for seen in answer.cache.trail] == ["absent", "history"]
        assert films(answer) == ANNS - {"amelie"}

    def test_more_than_was_computed_ahead_is_computed(self, world):
        ahead.precompute(["ann"], now=NOW)

        answer = retrieve(replace(REQUEST, k=2000))

        assert answer.cache.level == "none"
        assert answer.cache.trail[1].reason == "short"

    def test_the_most_active_users_of_the_day_are_computed_ahead(self, world):
        with overridden(precomputed_share=0.4):
            active = ahead.most_active(NOW)

        # Ann, Ben and Cat did something in these 24 hours: Cat once, the others twice.
        assert active == ["ann", "ben"]

    def test_nobody_was_active_the_day_after(self, world):
        assert ahead.most_active(NOW + timedelta(days=3)) == []

    def test_a_level_counts_hits_misses_and_reasons(self, world):
        def count(counter, *labels: str) -> float:
            return counter.labels(*labels)._value.get()

        before = [count(metrics.CACHE, "L1", "hit"), count(metrics.CACHE_MISSES, "L1", "absent")]
        retrieve(REQUEST)
        retrieve(REQUEST)

        after = [count(metrics.CACHE, "L1", "hit"), count(metrics.CACHE_MISSES, "L1", "absent")]
        assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]


class TestFilters:
    def test_where_filters_leave_too_little_more_is_asked_for_once(self, world):
        retrieve(replace(REQUEST, k=3))

        first = retrieve(replace(REQUEST, k=3, filters=RequestFilters(categories=frozenset({"romance"}))))
        again = retrieve(replace(REQUEST, k=3, filters=RequestFilters(categories=frozenset({"romance"}))))

        assert first.cache.unfiltered
        assert again.cache.unfiltered
        assert films(first) == films(again) == {"amelie", "notebook"}
        assert "fill" not in again.timings_ms


def test_all_keys_of_a_user_are_in_one_slot_of_a_cluster(world):
    retrieve(REQUEST)
    ahead.precompute(["ann"], now=NOW)

    found = [
        keys.candidates_key("ann", mix="1", model=2, k=3, surface="s"),
        keys.vector_key("ann", model=2),
        keys.precomputed_key("ann", mix="1", model=2, surface="s"),
        keys.ready_key("ann", mix="1", model=2, k=3, surface="s", fields="full", arms={"a": "b"}),
        keys.lock_key(keys.candidates_key("ann", mix="1", model=2, k=3, surface="s")),
    ]

    assert len(set(found)) == 5
    assert all("{u:ann}" in key for key in found)
