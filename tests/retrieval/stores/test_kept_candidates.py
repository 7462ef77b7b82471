"""Candidates that are kept, computed ahead, shared and waited for, with real stores."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.db import connections

from retrieval import ahead, cache, keys, metrics, pooling, toplists, trending
from retrieval.answer import Answer
from retrieval.config import overridden
from retrieval.invalidation import invalidate
from retrieval.mixes import forget_cached_mixes
from retrieval.service import ask, retrieve
from retrieval.types import Request, RequestFilters
from retrieval.valkey import client
from tests.worlds import NOW, World, did, movie_world, publish_patient_mix

pytestmark = pytest.mark.django_db(transaction=True)
ANNS = {"alien", "runner", "lebowski", "amelie", "notebook"}
REQUEST = Request(user="ann", k=100, now=NOW, deadline_ms=60_000)


@pytest.fixture
def world(pool_of_two) -> World:
    forget_cached_mixes()
    made = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish_patient_mix()
    return made


@pytest.fixture
def computed(monkeypatch) -> Iterator[list[float]]:
    """When the sources were asked, each time a little slower than it takes others to ask as well."""
    times: list[float] = []
    gather = pooling.gather

    def slow(*args, **kwargs):
        times.append(time.monotonic())
        time.sleep(0.3)
        return gather(*args, **kwargs)

    monkeypatch.setattr(pooling, "gather", slow)
    with overridden(cache_wait_ms=30_000):
        yield times


def films(answer: Answer) -> set[str]:
    return {answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)}


def key_of(request: Request = REQUEST) -> str:
    asked = ask(request)
    return cache.look(request, asked.context, mix=asked.mix.revision).key


def age(key: str, *, by_s: float) -> None:
    """Makes what is kept older, as if it had been kept so much earlier."""
    kept = cache.unpack(client().get(key))
    stamp = replace(
        kept.stamp, made_at_s=kept.stamp.made_at_s - by_s, expires_at_s=kept.stamp.expires_at_s - by_s
    )
    cache.keep(key, replace(kept, stamp=stamp), ttl_s=60)


def at_once(count: int, run: Callable[[], Answer]) -> list[Answer]:
    """The answers of as many threads, begun together."""
    answers: list[Answer] = []
    begin = threading.Barrier(count)

    def one() -> None:
        begin.wait()
        answers.append(run())
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class TestSingleFlight:
    def test_of_many_who_ask_at_once_one_computes(self, world, computed):
        answers = at_once(6, lambda: retrieve(REQUEST))

        assert len(computed) == 1
        assert [films(answer) for answer in answers] == [ANNS] * 6
        assert sorted(answer.cache.level for answer in answers) == ["L1"] * 5 + ["none"]

    def test_who_would_wait_is_served_what_has_just_expired(self, world, computed):
        retrieve(REQUEST)
        age(key_of(), by_s=400)

        answers = at_once(4, lambda: retrieve(REQUEST))

        assert len(computed) == 2
        assert sorted(answer.cache.stale for answer in answers) == [False, True, True, True]
        assert all(answer.cache.age_s > 390 for answer in answers if answer.cache.stale)

    def test_what_is_served_stale_leaves_out_what_the_user_has_done_since(self, world, computed):
        retrieve(REQUEST)
        did("ann", "click", "amelie", hours_ago=0)

        answers = at_once(4, lambda: retrieve(REQUEST))

        assert len(computed) == 2
        assert any(answer.cache.stale for answer in answers)
        assert [films(answer) for answer in answers] == [ANNS - {"amelie"}] * 4

    def test_what_was_invalidated_is_not_served_stale(self, world, computed):
        retrieve(REQUEST)
        invalidate(items=["alien"])

        answers = at_once(3, lambda: retrieve(REQUEST))

        assert not any(answer.cache.stale for answer in answers)
        assert len(computed) == 2

    def test_a_request_waits_for_another_process_that_computes_the_same(self, world, computed):
        retrieve(REQUEST)
        key = key_of()
        packed = client().get(key)
        client().delete(key)
        token = cache.hold(key)

        def land() -> None:
            client().set(key, packed)
            cache.let_go(key, token)

        threading.Timer(0.2, land).start()
        answer = retrieve(REQUEST)

        assert len(computed) == 1
        assert (answer.cache.level, films(answer)) == ("L1", ANNS)

    def test_a_request_that_waited_in_vain_computes(self, world, computed):
        key = key_of()
        assert cache.hold(key)

        with overridden(cache_wait_ms=30):
            answer = retrieve(REQUEST)

        assert len(computed) == 1
        assert films(answer) == ANNS

    def test_a_lock_is_let_go_by_its_holder_only(self, world):
        token = cache.hold("k")

        cache.let_go("k", "another's")
        assert cache.hold("k") is None

        cache.let_go("k", token)
        assert cache.hold("k") is not None

    def test_a_source_that_crashes_the_request_leaves_nobody_waiting(self, world, monkeypatch):
        gather = pooling.gather
        monkeypatch.setattr(pooling, "gather", lambda *a, **k: (_ for _ in ()).throw(ZeroDivisionError))
        with pytest.raises(ZeroDivisionError):
            retrieve(REQUEST)
        monkeypatch.setattr(pooling, "gather", gather)

        assert films(retrieve(REQUEST)) == ANNS


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
        assert ahead.precompute([world.users["ann"]], now=NOW) == 1

        answer = retrieve(REQUEST)

        assert (answer.cache.level, answer.cache.stale, films(answer)) == ("L3", False, ANNS)

    def test_candidates_computed_ahead_of_an_event_do_not_serve_after_it(self, world):
        ahead.precompute([world.users["ann"]], now=NOW)
        did("ann", "click", "amelie", hours_ago=0)

        answer = retrieve(REQUEST)

        assert answer.cache.level == "none"
        assert [seen.reason for seen in answer.cache.trail] == ["absent", "history"]
        assert films(answer) == ANNS - {"amelie"}

    def test_a_loser_is_served_what_was_computed_ahead_without_what_was_seen_since(self, world, computed):
        ahead.precompute([world.users["ann"]], now=NOW)
        did("ann", "click", "amelie", hours_ago=0)

        answers = at_once(3, lambda: retrieve(REQUEST))

        stale = [answer for answer in answers if answer.cache.stale]
        assert {answer.cache.level for answer in stale} == {"L3"}
        assert [films(answer) for answer in answers] == [ANNS - {"amelie"}] * 3

    def test_more_than_was_computed_ahead_is_computed(self, world):
        ahead.precompute([world.users["ann"]], now=NOW)

        answer = retrieve(replace(REQUEST, k=2000))

        assert answer.cache.level == "none"
        assert answer.cache.trail[1].reason == "short"

    def test_the_most_active_users_of_the_day_are_computed_ahead(self, world):
        with overridden(precomputed_share=0.4):
            active = ahead.most_active(NOW)

        # Ann, Ben and Cat did something in these 24 hours: Cat once, the others twice.
        assert active == [world.users["ann"], world.users["ben"]]

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


class TestVectors:
    """L2, without a model: what is kept is what was made for this history."""

    @pytest.fixture
    def made(self, world) -> Callable[[str], np.ndarray]:
        from retrieval.types import LiveModel
        from retrieval.user_vectors import kept_or_made

        model = LiveModel(7, 3, "", "")
        count = iter(range(100))

        def vector(user: str, **changes) -> np.ndarray:
            context = replace(ask(replace(REQUEST, user=user)).context, **changes)
            return kept_or_made(context, model, lambda: np.full(3, next(count), np.float32))

        return vector

    def test_a_vector_is_made_once_for_a_history(self, made):
        assert made("ann").tolist() == made("ann").tolist() == [0, 0, 0]

    def test_an_event_makes_it_anew(self, made):
        made("ann")
        did("ann", "click", "amelie", hours_ago=0)

        assert made("ann").tolist() == [1, 1, 1]

    def test_others_have_others(self, made):
        assert made("ann").tolist() != made("ben").tolist()

    def test_a_request_with_a_context_of_its_own_neither_keeps_nor_uses_one(self, made):
        made("ann")

        assert made("ann", keeps_vector=False).tolist() == [1, 1, 1]
        assert made("ann").tolist() == [0, 0, 0]

    def test_damaged_bytes_are_a_miss(self, made):
        made("ann")
        key = keys.vector_key("ann", model=7)
        packed = bytearray(client().get(key))
        packed[-1] ^= 1
        client().set(key, bytes(packed))

        assert made("ann").tolist() == [1, 1, 1]


def test_all_keys_of_a_user_are_in_one_slot_of_a_cluster(world):
    retrieve(REQUEST)
    ahead.precompute([world.users["ann"]], now=NOW)

    found = [
        keys.candidates_key("ann", mix=1, model=2, k=3, surface="s"),
        keys.vector_key("ann", model=2),
        keys.precomputed_key("ann", mix=1, model=2, surface="s"),
        keys.ready_key("ann", mix=1, model=2, k=3, surface="s", fields="full", arms={"a": "b"}),
        keys.lock_key(keys.candidates_key("ann", mix=1, model=2, k=3, surface="s")),
    ]

    assert len(set(found)) == 5
    assert all("{u:ann}" in key for key in found)
