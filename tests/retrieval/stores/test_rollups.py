"""From impressions and events to the rows that pages read, in the movie world."""

from datetime import timedelta

import pytest

from catalog.events import Event, record_events
from coldstart.impressions import Impression, record_impressions
from experiments.models import Exposure, Varied
from retrieval.models import (
    ArmHour,
    CatalogueSlice,
    DayTotals,
    PendingDay,
    SourceDay,
    SourceHour,
)
from retrieval.rollups import counting, roll_up
from tests.experiments.running import draft
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    return movie_world()


def shown(user: str, *films: str, hours_ago: float, source: str, surface: str = "") -> None:
    at = NOW - hours_ago * HOUR
    rows = [
        Impression(f"{user}-{source}", user, film, place, source, shown_at=at, surface=surface)
        for place, film in enumerate(films, 1)
    ]
    assert {one.status for one in record_impressions(rows, now=at)} == {"accepted"}


def answered(user: str, kind: str, film: str, source: str, *, hours_ago: float, received=NOW) -> None:
    event = Event(
        event_id=f"{user}-{kind}-{film}-{source}-{hours_ago}",
        user=user,
        item=film,
        type=kind,
        value=None,
        dwell_s=6.0,
        occurred_at=NOW - hours_ago * HOUR,
        request_id=f"{user}-{source}",
    )
    (result,) = record_events([event], now=received)
    assert result.status == "accepted"


def test_what_was_shown_is_counted_by_source_once_per_impression(world):
    shown("ann", "alien", "runner", hours_ago=2, source="trending")
    shown("ben", "alien", hours_ago=2, source="social")
    answered("ann", "click", "alien", "trending", hours_ago=1.5)
    answered("ann", "click", "alien", "trending", hours_ago=1)
    answered("ann", "like", "alien", "trending", hours_ago=1)

    roll_up(NOW)

    row = SourceHour.objects.get(source="trending")
    assert (row.hour, row.newcomer) == (NOW - 2 * HOUR, False)
    assert (row.impressions, row.clicks, row.likes, row.shares, row.engaged) == (2, 1, 1, 0, 1)
    assert (row.dwells, row.dwell_s) == (3, 18.0)
    assert SourceHour.objects.get(source="social").engaged == 0


def test_a_day_says_who_came_and_how_the_catalogue_was_shown(world):
    shown("ann", "alien", "runner", hours_ago=2, source="trending")
    shown("ben", "alien", hours_ago=2, source="social")
    shown("cat", "alien", hours_ago=2, source="social")

    roll_up(NOW)

    day = DayTotals.objects.get(day=NOW.date())
    # ann, ben and cat did something today; alien was shown three times, runner once: Gini of (1, 3) is 1/4.
    assert (day.active_users, day.shown_users, day.impressions) == (3, 3, 4)
    assert (day.items, day.creators, day.new_items) == (2, 1, 0)
    assert day.gini == pytest.approx(0.25)
    assert (day.catalogue_items, day.catalogue_creators) == (7, 3)
    widths = {row.source: (row.items, row.sole_items) for row in SourceDay.objects.all()}
    assert widths == {"trending": (2, 1), "social": (1, 0)}


def test_a_late_click_counts_its_impressions_day_anew_and_nothing_twice(world):
    shown("ann", "alien", hours_ago=50, source="trending")
    roll_up(NOW)
    before = list(SourceHour.objects.values("hour", "impressions", "clicks"))
    later = NOW + HOUR
    answered("ann", "click", "alien", "trending", hours_ago=20, received=later)

    roll_up(later)
    roll_up(later)

    assert before == [{"hour": NOW - 50 * HOUR, "impressions": 1, "clicks": 0}]
    row = SourceHour.objects.get()
    assert (row.hour, row.impressions, row.clicks) == (NOW - 50 * HOUR, 1, 1)


def test_a_run_counts_so_many_days_and_leaves_the_others_for_the_next(world, monkeypatch):
    monkeypatch.setattr(counting, "DAYS_PER_RUN", 1)
    shown("ann", "alien", hours_ago=50, source="trending")

    assert roll_up(NOW) == 1
    # Newest first; EVENTS and the impression lie on three days.
    assert DayTotals.objects.get().day == NOW.date()
    assert PendingDay.objects.count() == 2


def test_a_day_of_events_without_impressions_has_no_gini(world):
    roll_up(NOW)

    day = DayTotals.objects.get(day=NOW.date())
    assert (day.active_users, day.impressions, day.gini) == (3, 0, None)


def test_an_impression_counts_for_its_surface_and_for_the_arms_of_its_user_from_the_exposure_on(world):
    experiment = draft("fresher-first", fresher={})
    arm = experiment.variants.get(name="fresher")
    Exposure.objects.create(
        experiment=experiment, user_id=world.users["ann"], variant=arm, exposed_at=NOW - 2 * HOUR
    )
    shown("ann", "alien", hours_ago=3, source="trending", surface="home")
    shown("ann", "runner", hours_ago=1, source="social", surface="search")
    shown("ben", "alien", hours_ago=1, source="social", surface="search")
    answered("ann", "like", "runner", "social", hours_ago=0.5)

    roll_up(NOW)

    surfaces = {row.surface: row.impressions for row in SourceHour.objects.all()}
    assert surfaces == {"home": 1, "search": 2}
    row = ArmHour.objects.get()
    assert (row.variant, row.source, row.impressions, row.likes) == (arm, "social", 1, 1)


def test_an_arms_day_says_how_varied_its_answers_were_and_how_the_catalogue_was_shown(world):
    experiment = draft("fresher-first", fresher={}, fields={"started_at": NOW - 2 * HOUR})
    arm = experiment.variants.get(name="fresher")
    Exposure.objects.create(
        experiment=experiment, user_id=world.users["ann"], variant=arm, exposed_at=NOW - 2 * HOUR
    )
    # Alien three times, two others once; before the exposure, and for others, doesn't count.
    shown("ann", "notebook", hours_ago=3, source="before")
    shown("ann", "alien", "runner", "fargo", hours_ago=1, source="trending")
    shown("ann", "alien", hours_ago=1, source="social")
    shown("ann", "alien", hours_ago=0.5, source="tags")
    shown("ben", "heat", hours_ago=1, source="social")

    for _ in range(2):
        roll_up(NOW)

    row = CatalogueSlice.objects.get(variant=arm, surface=None, newcomer=None)
    assert (row.variant, row.impressions, row.items, row.shown_users) == (arm, 5, 3, 1)
    # Gini of (1, 1, 3): 2 * (1 + 2 + 9) / (3 * 5) - 4 / 3.
    assert row.gini == pytest.approx(24 / 15 - 4 / 3)
    assert row.diversity == pytest.approx(2 / 3)
    group = Varied.objects.get()
    assert (group.user_group, group.lists) == (world.users["ann"] % 64, 1)
    assert group.diversity == pytest.approx(2 / 3)


def test_a_source_is_worth_what_only_it_showed(world):
    shown("ann", "alien", "runner", hours_ago=2, source="trending")
    shown("ben", "alien", hours_ago=2, source="social")
    answered("ann", "click", "runner", "trending", hours_ago=1)
    answered("ben", "click", "alien", "social", hours_ago=1)

    roll_up(NOW)

    alone = {row.source: (row.sole_impressions, row.sole_engaged) for row in SourceDay.objects.all()}
    assert alone == {"trending": (1, 1), "social": (0, 0)}


def test_a_day_says_how_varied_and_how_well_known_its_answers_were(world):
    # Three of one answer, two of them about space: 1 - (2 * 1) / (3 * 2). One item makes no list.
    shown("ann", "alien", "runner", "fargo", hours_ago=2, source="trending")
    shown("ben", "alien", hours_ago=2, source="social")
    # In the week before the day cat and ben were active, and one of them knew one film.
    did("ben", "view", "alien", hours_ago=40)

    roll_up(NOW)

    day = DayTotals.objects.get(day=NOW.date())
    assert day.diversity == pytest.approx(2 / 3)
    assert day.novelty == pytest.approx(1.0)


def test_sessions_end_where_nothing_is_done_for_half_an_hour(world):
    # ann's fargo at 11:00 and heat at 10:00 stand alone; so do ben's two and cat's one. These two belong together.
    did("dan", "view", "alien", hours_ago=1)
    did("dan", "view", "heat", hours_ago=0.75)

    roll_up(NOW)

    day = DayTotals.objects.get(day=NOW.date())
    assert (day.sessions, day.session_s) == (6, 900.0)


def test_the_months_users_are_counted_once_a_day_is_over(world):
    later = NOW + 13 * HOUR
    did("dan", "view", "alien", hours_ago=2)

    roll_up(NOW)
    today = DayTotals.objects.get(day=NOW.date())
    roll_up(later)
    over = DayTotals.objects.get(day=NOW.date())

    assert (today.monthly_users, today.active_users) == (4, 4)
    assert over.monthly_users == 4
