"""From a new item to a verdict, by what users did."""

from datetime import timedelta

import pytest

from catalog.events import Event, record_events
from catalog.models import Item, User
from catalog.writing import delete_items
from coldstart import ledger
from coldstart.models import Cell, Trial
from tests.coldstart.new_item_worlds import HOUR, NOW, add_items, add_users, engaged, people, shown

pytestmark = pytest.mark.django_db


def trial(item: str = "i1") -> Trial:
    return Trial.objects.get(item__external_id=item)


def reasons(item: str = "i1") -> list[str]:
    """Newest first."""
    return [change.why for change in trial(item).changes.all()]


@pytest.fixture
def begun() -> None:
    """Item i1 has been shown to its share since NOW; there are 300 users."""
    add_users(300)
    add_items(1)
    ledger.advance(NOW)


def test_a_new_item_begins_with_one_percent_of_users_and_the_ledger_says_so(begun):
    assert (trial().state, trial().share) == ("exploring", 0.01)
    assert reasons() == ["New: it is shown to 1 % of users."]


def test_what_is_old_or_came_with_its_past_or_is_inactive_is_not_new():
    add_users(1)
    add_items(1, published_at=NOW - timedelta(days=30))
    add_items(1)
    add_items(1, active=False)
    record_events([Event("e", "u1", "i2", "view", None, None, NOW - timedelta(days=9))], now=NOW)

    ledger.advance(NOW)

    assert not Trial.objects.exists()


def test_within_the_hour_nothing_is_judged(begun):
    shown("i1", *people(200))

    ledger.advance(NOW + timedelta(minutes=59))

    assert (trial().state, trial().periods, trial().exposures) == ("exploring", 0, 200)


def test_a_good_item_graduates_and_a_bad_one_retires_each_with_its_reason():
    add_users(300)
    add_items(2)
    ledger.advance(NOW)
    shown("i1", *people(200))
    shown("i2", *people(300))
    engaged("i1", *people(20))

    ledger.advance(NOW + HOUR)

    assert (trial("i1").state, trial("i2").state) == ("graduated", "retired")
    assert reasons("i1")[0].startswith("20 of 200 exposures were engaged with: a rate of 8.3 %")
    assert reasons("i2")[0].startswith("0 of 300 exposures were engaged with")


def test_a_promising_item_goes_on_with_more_users_and_a_doubtful_one_with_fewer():
    add_users(100)
    add_items(2)
    ledger.advance(NOW)
    shown("i1", *people(100))
    shown("i2", *people(100))
    engaged("i1", *people(3))

    ledger.advance(NOW + HOUR)

    assert (trial("i1").state, trial("i1").share) == ("exploring", 0.04)
    assert (trial("i2").state, trial("i2").share) == ("exploring", 0.0025)


def test_without_impressions_nothing_is_concluded_until_the_time_is_over(begun):
    ledger.advance(NOW + HOUR)
    assert (trial().state, trial().share, trial().periods) == ("exploring", 0.01, 1)

    ledger.advance(NOW + timedelta(hours=73))
    assert trial().state == "retired"


def test_a_view_is_no_engagement_and_several_clicks_are_one(begun):
    shown("i1", *people(10))
    engaged("i1", "u1", kind="view")
    engaged("i1", "u2", kind="click")
    engaged("i1", "u2", kind="like")

    ledger.advance(NOW)

    assert (trial().exposures, trial().engagements) == (10, 1)


def test_a_click_counts_for_the_request_it_came_from_only(begun):
    shown("i1", "u1", at=NOW)
    engaged("i1", "u1", at=NOW + HOUR)

    ledger.advance(NOW + HOUR)

    assert (trial().exposures, trial().engagements) == (1, 0)


def test_what_other_sources_show_says_nothing_of_a_trial(begun):
    shown("i1", *people(50), source="content")
    engaged("i1", *people(50))

    ledger.advance(NOW)

    assert trial().exposures == 0


def test_the_posterior_is_the_prior_and_what_was_counted(begun):
    shown("i1", *people(10))
    engaged("i1", "u1", "u2")

    ledger.advance(NOW)

    assert (trial().alpha, trial().beta) == (2.75, 57.25)


def test_counting_again_changes_nothing_and_counting_all_anew_neither(begun):
    shown("i1", *people(10))
    engaged("i1", "u1")
    for step in (ledger.advance, ledger.advance, ledger.rebuild):
        step(NOW)
        assert (trial().exposures, trial().engagements) == (10, 1)


def test_an_event_that_arrives_days_late_is_counted_in_the_hour_of_its_impression(begun):
    shown("i1", *people(10))
    ledger.advance(NOW)
    engaged("i1", "u1", later=timedelta(days=3))

    ledger.advance(NOW + timedelta(days=3))

    cell = Cell.objects.get()
    assert (cell.hour, cell.exposures, cell.engagements) == (NOW.replace(minute=0), 10, 1)
    assert trial().engagements == 1


def test_late_events_can_overturn_a_verdict(begun):
    shown("i1", *people(300))
    ledger.advance(NOW + HOUR)
    assert trial().state == "retired"

    engaged("i1", *people(40), later=2 * HOUR)
    ledger.advance(NOW + 2 * HOUR)

    assert trial().state == "graduated"
    assert reasons()[0].endswith("This came in after the first verdict.")


def test_segments_are_counted_apart_and_together(begun, ruled):
    ruled(bandit_segment="language")
    User.objects.filter(external_id__in=people(4)).update(language="cs")
    shown("i1", *people(10))
    engaged("i1", "u1")

    ledger.advance(NOW)

    counted = dict(Cell.objects.values_list("segment", "exposures"))
    assert counted == {"cs": 4, "": 6}
    assert (trial().exposures, trial().engagements) == (10, 1)


def test_a_creator_who_brings_many_waits_and_holds_up_nobody(ruled):
    ruled(items_per_creator=2)
    add_items(5, creator="busy")
    add_items(1, creator="rare")
    add_items(3)

    ledger.advance(NOW)
    ledger.advance(NOW)

    running = Trial.objects.filter(state="exploring").values_list("item__creator__external_id", flat=True)
    assert sorted(running, key=str) == [None] * 3 + ["busy"] * 2 + ["rare"]


def test_who_waits_for_too_long_is_no_longer_new(ruled):
    ruled(items=1)
    add_items(1)
    ledger.advance(NOW)
    add_items(1)
    ledger.advance(NOW)
    assert trial("i2").state == "new"

    ledger.advance(NOW + timedelta(days=3))

    assert trial("i2").state == "retired"


def test_a_deleted_item_leaves_the_ledger(begun):
    shown("i1", "u1")
    ledger.advance(NOW)
    delete_items(["i1"])

    assert not Trial.objects.exists()
    assert not Cell.objects.exists()
    assert not Item.objects.exists()
