"""From draws, impressions and events to how often each arm is drawn: all of it from Postgres, however late."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from catalog.models import User
from retrieval import valkey
from retrieval.mixes import Draw, forget_cached_mixes
from retrieval.models import ShareCell, ShareDraw, SharePolicy
from retrieval.shares import forget_policies, log_draw
from retrieval.shares.keeping import current_policies
from retrieval.shares.learning import Learned, learn, policy_of, tend
from tests.coldstart.new_item_worlds import (
    HOUR,
    NOW,
    add_items,
    add_users,
    engaged,
    people,
    request_of,
    shown,
)
from tests.shares.mixes import mix, publish_mix

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def revision() -> Iterator[int]:
    """A published mix of two arms; twelve users and an item."""
    forget_cached_mixes()
    add_users(12)
    add_items(1)
    yield publish_mix(
        arms={"usual": {}, "hot": {"trending": 4}}, prior={"rate": 0.5, "draws": 2}, segments={"events": [10]}
    )
    forget_cached_mixes()


def drew(revision: int, arm: str, *users: str, at=NOW, segment: str = "events=0-9", propensity=0.5) -> None:
    """Each of the users got an answer with the arm, of which nothing is known yet; one request a moment."""
    ids = dict(User.objects.filter(external_id__in=users).values_list("external_id", "id"))
    since_s = int(at.timestamp()) // 600 * 600
    for user in users:
        one = Draw(revision, segment, arm, propensity, since_s, since_s + 600)
        log_draw(one, user_id=ids[user], request_id=request_of(user, at), at=at)


def a_morning(revision: int) -> None:
    """Of four who were drawn "hot" three were engaged, of four with "usual" one; four more were shown nothing."""
    drew(revision, "hot", *people(4))
    drew(revision, "usual", *people(4, first=5))
    drew(revision, "usual", *people(4, first=9))
    shown("i1", *people(8), source="content")
    engaged("i1", *people(3), "u5")


def policy() -> dict[tuple[str, str], tuple[float, float]]:
    return {(row.segment, row.arm): (row.alpha, row.beta) for row in SharePolicy.objects.all()}


def test_what_was_shown_and_engaged_with_moves_the_posteriors_of_its_segment(revision):
    a_morning(revision)

    assert learn(NOW + HOUR) == Learned(days=1, mixes=1)

    assert policy() == {
        ("", "hot"): (4, 2),
        ("", "usual"): (2, 4),
        # What all segments know weighs as much as two draws.
        ("events=0-9", "hot"): (pytest.approx(2 * 4 / 6 + 3), pytest.approx(2 * 2 / 6 + 1)),
        ("events=0-9", "usual"): (pytest.approx(2 * 2 / 6 + 1), pytest.approx(2 * 4 / 6 + 3)),
    }
    chances = current_policies()
    assert sum(chances[revision, "events=0-9"].probabilities) == pytest.approx(1)
    by_arm = dict(
        zip(
            *[getattr(chances[revision, "events=0-9"], name) for name in ("arms", "probabilities")],
            strict=True,
        )
    )
    assert by_arm["hot"] > 0.8
    # A segment in which nothing was drawn begins with what the others know, and less sure of it.
    assert (
        0.5
        < dict(zip(chances[revision, ""].arms, chances[revision, ""].probabilities, strict=True))["hot"]
        < by_arm["hot"]
    )


def test_a_second_run_changes_nothing_and_all_is_there_after_a_wipe_of_the_cache(revision):
    a_morning(revision)
    learn(NOW + HOUR)
    before = current_policies()
    assert len(before) == 2

    assert learn(NOW + HOUR) == Learned(days=0, mixes=0)
    if keys := list(valkey.client().scan_iter(valkey.key("*"))):
        valkey.client().delete(*keys)
    forget_policies()
    assert current_policies() == before

    for table in (ShareCell, SharePolicy):
        table.objects.all().delete()
    ShareDraw.objects.update(shown=False, engaged=False)
    learn(NOW + HOUR, anew=True)
    assert current_policies() == before


def test_an_event_that_is_days_late_counts_where_it_belongs(revision):
    a_morning(revision)
    learn(NOW + HOUR)

    engaged("i1", "u4", later=3 * DAY)

    assert learn(NOW + 3 * DAY + HOUR) == Learned(days=1, mixes=1)
    [cell] = ShareCell.objects.filter(arm="hot", user_group=User.objects.get(external_id="u4").pk % 32)
    assert (cell.day, cell.draws, cell.engaged) == (NOW.date(), 1, 1)


def test_a_draw_counts_once_however_many_answers_it_held_for(revision):
    for minutes in (0, 2, 4):
        at = NOW + timedelta(minutes=minutes)
        drew(revision, "hot", "u1", at=at, propensity=0.4 + minutes / 100)
        shown("i1", "u1", source="content", at=at)
    engaged("i1", "u1", at=NOW + timedelta(minutes=2))

    learn(NOW + HOUR)

    [cell] = ShareCell.objects.all()
    assert (cell.draws, cell.engaged, cell.weight, cell.engaged_weight) == (1, 1, 2.5, 2.5)
    assert cell.squared_weight == pytest.approx(6.25)


def test_what_was_shown_of_other_answers_and_what_is_no_engagement_moves_nothing(revision):
    drew(revision, "hot", "u1")
    shown("i1", "u1", source="content", at=NOW + HOUR)
    engaged("i1", "u1", at=NOW + HOUR)
    drew(revision, "usual", "u2")
    shown("i1", "u2", source="content")
    engaged("i1", "u2", kind="dislike")

    learn(NOW + 2 * HOUR)

    [cell] = ShareCell.objects.all()
    assert (cell.arm, cell.draws, cell.engaged) == ("usual", 1, 0)


def test_outcomes_fade_by_half_in_a_half_life(revision):
    fading = publish_mix(prior={"rate": 0.5, "draws": 2}, half_life_days=2)
    drew(fading, "hot", *people(4), segment="")
    shown("i1", *people(4), source="content")
    learn(NOW + HOUR)
    assert policy()["", "hot"] == (1, 5)

    learn(NOW + 4 * DAY)

    assert policy()["", "hot"] == (1, 2)


def test_where_nothing_is_told_apart_the_only_segment_is_drawn_by_all_it_knows():
    rows = [("", "usual", 100.0, 10.0), ("", "hot", 100.0, 60.0), ("", "gone", 9.0, 9.0)]

    found = policy_of(mix().bandit, rows)

    assert set(found) == {("", arm) for arm in ("usual", "hot", "alike")}
    assert found["", "hot"][:2] == (62, 58)
    assert found["", "usual"][2] == pytest.approx(0.02, abs=1e-3)


def test_an_erased_users_draws_go_and_do_not_come_back(revision):
    drew(revision, "hot", "u1", "u2")
    gone = User.objects.get(external_id="u1")
    gone_id = gone.pk
    gone.delete()

    log_draw(Draw(revision, "", "hot", 0.5, 0, 600), user_id=gone_id, request_id="late", at=NOW)

    assert ShareDraw.objects.count() == 1


def test_months_have_partitions_and_old_sums_go(revision):
    a_morning(revision)
    learn(NOW + HOUR)

    tend(NOW + 500 * DAY)

    assert not ShareCell.objects.exists()
