"""The page of the cache, by counters a reader can add up."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from prometheus_client import CollectorRegistry, Counter, Histogram

from catalog.models import UserHistory
from console.cache.figures import levels, quantile
from console.cache.past import Past, past_of
from retrieval import ahead
from retrieval.models import CacheHour
from tests.catalog.people import version_of
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import NOW, movie_world, publish_patient_mix

PAGE = "/admin/console/cachepage/"


@pytest.fixture
def counted() -> CollectorRegistry:
    """L1: 3 hits, 1 miss for the history and 4 that were absent, 1 served stale; ages of 10 s and 100 s."""
    registry = CollectorRegistry()
    results = Counter("headwater_cache_total", "x", ["level", "result"], registry=registry)
    misses = Counter("headwater_cache_misses_total", "x", ["level", "reason"], registry=registry)
    ages = Histogram("headwater_cache_age_seconds", "x", ["level"], buckets=(50, 150), registry=registry)
    for result, count in {"hit": 3, "miss": 5, "stale": 1}.items():
        results.labels("L1", result).inc(count)
    for reason, count in {"history": 1, "absent": 4}.items():
        misses.labels("L1", reason).inc(count)
    for age_s in (10, 100):
        ages.labels("L1").observe(age_s)
    return registry


def test_each_level_has_its_rate_its_reasons_and_its_ages(counted):
    by_name = {level.name: level for level in levels(counted.collect())}

    found = by_name["L1"]
    assert (found.hit_rate, found.stale) == (3 / 8, 1)
    assert [(reason.name, reason.share) for reason in found.reasons] == [("absent", 0.8), ("history", 0.2)]
    assert (found.median_age_s, found.oldest_tenth_s) == (50, 130)
    assert (by_name["L3"].hit_rate, by_name["L3"].median_age_s) == (None, None)


def test_what_lies_beyond_the_last_bound_is_that_bound():
    assert quantile({10.0: 1, float("inf"): 4}, 0.9) == 10
    assert quantile({10.0: 0, float("inf"): 0}, 0.5) is None


@pytest.mark.django_db
class TestThePage:
    def test_a_user_and_a_creator_are_made_anew_with_a_reason_that_is_kept(self):
        world = movie_world()
        before = version_of("ann")

        answer = logged_in().post(
            PAGE, {"users": "ann\nnobody", "creators": "coen", "why": "Wrong prices."}, follow=True
        )

        assert "all of 1 users, and candidates with one of 3 items" in answer.content.decode()
        assert version_of("ann") == before + 1
        message = LogEntry.objects.get().get_change_message()
        assert "creators: coen" in message
        assert "Why: Wrong prices." in message
        assert "ann" not in message, "a person is a keyed hash in the log"
        assert world.users["ann"]

    @pytest.mark.parametrize("sent", [{"users": "ann", "why": ""}, {"why": "Because."}])
    def test_without_a_reason_or_without_anything_named_nothing_happens(self, sent):
        movie_world()
        versions = list(UserHistory.objects.order_by("pk").values_list("version", flat=True))

        assert logged_in().post(PAGE, sent).status_code == 200

        assert list(UserHistory.objects.order_by("pk").values_list("version", flat=True)) == versions
        assert not LogEntry.objects.exists()

    def test_who_may_only_look_is_shown_no_form_and_refused(self):
        client = logged_in(staff_who_may("console.view_cachepage"))

        assert 'name="why"' not in client.get(PAGE).content.decode()
        assert client.post(PAGE, {"users": "ann", "why": "x"}).status_code == 403

    def test_each_level_has_its_past_of_all_surfaces_together(self):
        hour = datetime(2026, 1, 15, 11, tzinfo=UTC)
        for surface, back, hits in (("home", 0, 1), ("search", 0, 3), ("home", 5, 4), ("home", 3 * 24, 0)):
            CacheHour.objects.create(
                hour=hour - timedelta(hours=back),
                surface=surface,
                level="L2",
                hits=hits,
                misses=4 - hits,
                errors=9,
            )

        found = past_of({"L1": "L1", "L2": "L2"}, NOW)
        with time_machine.travel(NOW):
            page = logged_in().get(PAGE).content.decode()

        assert found["L1"] == Past(None, None)
        assert found["L2"].by_hour.summary.endswith("lowest 50.0 %, highest 100.0 %, last 50.0 %.")
        assert found["L2"].by_day.summary.endswith("lowest 0.0 %, highest 66.7 %, last 66.7 %.")
        assert "Hit rate, L2, user vectors, by day of the last 14 days: lowest 0.0 %" in page

    def test_the_last_round_of_the_warm_up_and_the_next(self):
        movie_world()
        publish_patient_mix()
        ahead.begin_round(["ann", "ben"], now=NOW)
        ahead.precompute(["ann", "ben"], now=NOW)

        last = ahead.last_round()
        assert last is not None
        assert (last.at, last.planned, last.kept) == (NOW, 2, 2)
        client = logged_in()
        assert "15 Jan, 12:00:00" in client.get(PAGE).content.decode()
        assert "Nobody was active" in client.get(PAGE, {"plan": "1"}).content.decode()
