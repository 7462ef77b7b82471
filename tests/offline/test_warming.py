import datetime as dt

import pytest

from catalog.events import Event, record_events
from catalog.models import Item, User
from retrieval import versions
from retrieval.activity import most_active
from retrieval.config import overridden
from retrieval.mixes import forget_cached_mixes
from retrieval.models import ModelVersion, PublishedMix
from retrieval.offline import pipeline, warming
from retrieval.service import retrieve
from retrieval.types import Request
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.worlds import publish_patient_mix

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def users() -> list[User]:
    """The islands' people, whose histories are as old as the islands, under a version that is built but for its
    promotion."""
    forget_cached_mixes()
    users, items = two_islands()
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG), until="evaluating")
    # In order: the first does three things after noon, the second two, the third one.
    for place, user in enumerate(users[:3]):
        like(user, items[place : place + 3 - place], at=NOON + HOUR)
    publish_patient_mix()
    return users


def like(user: User, items: list[Item], *, at: dt.datetime) -> None:
    record_events(
        [
            Event(f"{user}-{item}-{at}", user.external_id, item.external_id, "like", None, None, at)
            for item in items
        ],
        now=at,
    )


def version() -> ModelVersion:
    return ModelVersion.objects.get()


def cache_level(user: User) -> str:
    answer = retrieve(Request(user=user.external_id, k=1000, now=NOON + 2 * HOUR))
    assert not answer.degraded
    return answer.cache_level


def test_the_most_active_of_the_last_day_come_first(users):
    assert most_active(NOON + 2 * HOUR, at_most=2) == ["u0", "u1"]


def test_who_did_nothing_for_a_day_is_not_among_them(users):
    assert most_active(NOON + 24 * HOUR, at_most=10) == ["u0", "u1", "u2"]
    assert most_active(NOON + 25 * HOUR, at_most=10) == []


def test_who_was_warmed_finds_the_candidates_cached_once_the_version_serves(users):
    with overridden(warmed_users=2):
        report = warming.cache_candidates(version(), NOON + 2 * HOUR)
    versions.promote(version().id)

    assert report == {"active_users": 2, "cached_users": 2}
    assert [cache_level(user) for user in users[:3]] == ["L1", "L1", "none"]


def test_warming_changes_nothing_of_what_serves(users):
    warming.cache_candidates(version(), NOON + 2 * HOUR)

    assert versions.live_model() is None
    assert cache_level(users[0]) == "none"


def test_once_its_time_is_over_it_stops(users):
    with overridden(warming_at_most_s=0):
        report = warming.cache_candidates(version(), NOON + 2 * HOUR)

    assert report["cached_users"] == 0
    assert report["active_users"] > 3


def test_where_no_mix_is_published_there_is_nothing_to_cache(users):
    PublishedMix.objects.all().delete()
    forget_cached_mixes()

    assert warming.cache_candidates(version(), NOON + 2 * HOUR)["cached_users"] == 0


def test_the_version_reports_what_was_warmed(users):
    pipeline.run(version().id, until="warming")

    assert {"searches", "median_ms", "active_users", "cached_users"} <= set(version().report["warming"])
