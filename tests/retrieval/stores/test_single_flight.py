"""Of many who ask for the same at once one computes, and the others wait or are served what is kept."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.db import connections

from retrieval import ahead, cache, pooling
from retrieval.answer import Answer
from retrieval.cache.flights import Flights
from retrieval.config import overridden
from retrieval.invalidation import invalidate
from retrieval.service import retrieve
from retrieval.valkey import client
from tests.retrieval.stores.kept_pools import ANNS, REQUEST, age, films, key_of
from tests.worlds import NOW, did

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Sources:
    """They answer once as many requests as are to be there have asked for the same."""

    asked: int = 0
    here: list[object] = field(default_factory=list)
    awaited: int = 0

    def at_once(self, count: int, run: Callable[[], Answer]) -> list[Answer]:
        """The answers of as many threads, of which none comes too late to find another computing."""
        answers: list[Answer] = []
        self.here.clear()
        self.awaited = count

        def one() -> None:
            answers.append(run())
            connections.close_all()

        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.awaited = 0
        return answers


@pytest.fixture
def sources(monkeypatch) -> Iterator[Sources]:
    found, gather, join = Sources(), pooling.gather, Flights.join

    def joined(self, name):
        try:
            return join(self, name)
        finally:
            found.here.append(name)

    def gathered(*args, **kwargs):
        found.asked += 1
        while len(found.here) < found.awaited:  # the test's own time limit is the limit
            time.sleep(0.01)
        return gather(*args, **kwargs)

    monkeypatch.setattr(Flights, "join", joined)
    monkeypatch.setattr(pooling, "gather", gathered)
    with overridden(cache_wait_ms=30_000):
        yield found


class TestSingleFlight:
    def test_of_many_who_ask_at_once_one_computes(self, world, sources):
        answers = sources.at_once(6, lambda: retrieve(REQUEST))

        assert sources.asked == 1
        assert [films(answer) for answer in answers] == [ANNS] * 6
        assert sorted(answer.cache.level for answer in answers) == ["L1"] * 5 + ["none"]

    def test_who_would_wait_is_served_what_has_just_expired(self, world, sources):
        retrieve(REQUEST)
        age(key_of(), by_s=400)

        answers = sources.at_once(4, lambda: retrieve(REQUEST))

        assert sources.asked == 2
        assert sorted(answer.cache.stale for answer in answers) == [False, True, True, True]
        assert all(answer.cache.age_s > 390 for answer in answers if answer.cache.stale)

    def test_what_is_served_stale_leaves_out_what_the_user_has_done_since(self, world, sources):
        retrieve(REQUEST)
        did("ann", "click", "amelie", hours_ago=0)

        answers = sources.at_once(4, lambda: retrieve(REQUEST))

        assert sources.asked == 2
        assert any(answer.cache.stale for answer in answers)
        assert [films(answer) for answer in answers] == [ANNS - {"amelie"}] * 4

    def test_what_was_invalidated_is_not_served_stale(self, world, sources):
        retrieve(REQUEST)
        invalidate(items=["alien"])

        answers = sources.at_once(3, lambda: retrieve(REQUEST))

        assert not any(answer.cache.stale for answer in answers)
        # Not from what was kept. That one does it for all is not said here: where another transaction of the server
        # ends between their snapshots, the later one can't tell that the earlier had seen the invalidation.
        assert sources.asked >= 2

    def test_a_request_waits_for_another_process_that_computes_the_same(self, world, sources, monkeypatch):
        retrieve(REQUEST)
        key = key_of()
        packed = client().get(key)
        client().delete(key)
        token = cache.hold(key)

        wait = cache.wait_for_other

        def landing(*args, **kwargs):
            client().set(key, packed)
            cache.let_go(key, token)
            return wait(*args, **kwargs)

        monkeypatch.setattr(cache, "wait_for_other", landing)
        answer = retrieve(REQUEST)

        assert sources.asked == 1
        assert (answer.cache.level, films(answer)) == ("L1", ANNS)

    def test_a_request_that_waited_in_vain_computes(self, world, sources):
        key = key_of()
        assert cache.hold(key)

        with overridden(cache_wait_ms=30):
            answer = retrieve(REQUEST)

        assert sources.asked == 1
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

    def test_a_loser_is_served_what_was_computed_ahead_without_what_was_seen_since(self, world, sources):
        ahead.precompute(["ann"], now=NOW)
        did("ann", "click", "amelie", hours_ago=0)

        answers = sources.at_once(3, lambda: retrieve(REQUEST))

        stale = [answer for answer in answers if answer.cache.stale]
        assert {answer.cache.level for answer in stale} == {"L3"}
        assert [films(answer) for answer in answers] == [ANNS - {"amelie"}] * 3
