"""A day told apart by surface, by people and by arm, in the movie world."""

from datetime import timedelta

import pytest

from catalog.events import Event, record_events
from catalog.models import User
from experiments.models import Exposure
from retrieval.models import AudienceSlice, CatalogueSlice, DayTotals
from retrieval.rollups import roll_up, slices
from tests.experiments.running import draft
from tests.retrieval.stores.test_rollups import shown
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world() -> World:
    """Where ben has been known for two days."""
    world = movie_world()
    User.objects.filter(external_id="ben").update(created_at=NOW - 2 * DAY)
    return world


def viewed(user: str, film: str, *, hours_ago: float, surface: str = "", received=NOW) -> None:
    event = Event(
        event_id=f"{user}-{film}-{hours_ago}",
        user=user,
        item=film,
        type="view",
        value=None,
        dwell_s=None,
        occurred_at=NOW - hours_ago * HOUR,
        surface=surface,
    )
    assert [one.status for one in record_events([event], now=received)] == ["accepted"]


def catalogue(**fields) -> CatalogueSlice:
    everything = {"variant": None, "surface": None, "newcomer": None}
    return CatalogueSlice.objects.get(**{**everything, **fields})


def audience(**fields) -> AudienceSlice:
    everything = {"variant": None, "surface": None, "newcomer": None, "day": NOW.date()}
    return AudienceSlice.objects.get(**{**everything, **fields})


def test_a_surface_and_its_new_people_have_a_width_of_their_own(world: World):
    shown("ann", "alien", "fargo", hours_ago=2, source="trending", surface="home")
    shown("ben", "alien", hours_ago=2, source="social", surface="home")
    shown("ann", "heat", hours_ago=1, source="tags", surface="search")
    # In the week before the day cat and ben were active, and one of them knew one film.
    did("ben", "view", "alien", hours_ago=40)

    roll_up(NOW)

    home, new = catalogue(surface="home"), catalogue(newcomer=True)
    assert (home.shown_users, home.impressions, home.items, home.creators, home.new_items) == (2, 3, 2, 2, 0)
    # Gini of (1, 2): 2 (1 + 4) / (2 * 3) - 3 / 2; ann's two on home are of different categories.
    assert (home.gini, home.diversity) == (pytest.approx(10 / 6 - 1.5), 1.0)
    assert home.novelty == pytest.approx(1.0)
    assert (new.impressions, new.items, new.diversity) == (1, 1, None)
    assert catalogue(newcomer=False).items == 3
    assert catalogue(surface="home", newcomer=False).impressions == 2
    assert not CatalogueSlice.objects.filter(surface="search", newcomer=True).exists()
    # What is of everybody everywhere is the day's own row.
    assert not CatalogueSlice.objects.filter(variant=None, surface=None, newcomer=None).exists()


def test_all_slices_by_surface_add_up_to_the_day(world: World):
    for user, surface in (("ann", "home"), ("ben", "search"), ("cat", "")):
        shown(user, "alien", "runner", hours_ago=2, source="trending", surface=surface)

    for _ in range(2):
        roll_up(NOW)

    whole = DayTotals.objects.get(day=NOW.date())
    for kind in ({"newcomer": None, "surface__isnull": False}, {"surface": None, "newcomer__isnull": False}):
        rows = CatalogueSlice.objects.filter(day=NOW.date(), variant=None, **kind)
        assert sum(row.impressions for row in rows) == whole.impressions == 6
        assert sum(row.shown_users for row in rows) == whole.shown_users == 3


def test_of_surfaces_that_clients_make_up_a_days_most_frequent_are_kept(world: World, monkeypatch):
    from retrieval.rollups import catalogue as rollup
    from retrieval.rollups import counting

    monkeypatch.setattr(
        counting, "CATALOGUE", rollup.CATALOGUE.replace(f"LIMIT {slices.SURFACES}", "LIMIT 1")
    )
    shown("ann", "alien", hours_ago=2, source="trending", surface="made-up")
    shown("ben", "alien", "fargo", hours_ago=2, source="trending", surface="home")

    roll_up(NOW)

    surfaces = set(CatalogueSlice.objects.exclude(surface=None).values_list("surface", flat=True))
    assert surfaces == {"home"}
    assert catalogue(newcomer=False).impressions == 1


def test_who_came_is_told_by_surface_and_people_and_sessions_are_of_no_surface(world: World):
    viewed("dan", "alien", hours_ago=1, surface="home")
    viewed("dan", "heat", hours_ago=0.75, surface="search")
    viewed("ben", "heat", hours_ago=0.5, surface="home")

    roll_up(NOW)

    home, new, returning = audience(surface="home"), audience(newcomer=True), audience(newcomer=False)
    assert (home.active_users, home.sessions) == (2, None)
    # ben's 9:00 stands alone, his 11:00 and 11:30 make one; so do dan's two.
    assert (new.active_users, new.sessions, new.session_s) == (1, 2, 1_800)
    assert (returning.active_users, returning.sessions, returning.session_s) == (3, 4, 900)
    assert audience(surface="home", newcomer=False).active_users == 1
    # Of the running day a month's users are known of everybody only.
    assert (home.monthly_users, new.monthly_users) == (None, None)
    day = DayTotals.objects.get(day=NOW.date())
    assert (day.active_users, day.weekly_users, day.monthly_users) == (4, 4, 4)


def test_a_days_month_is_counted_once_it_is_over_and_stays(world: World):
    viewed("dan", "alien", hours_ago=10 * 24, surface="home")
    viewed("ben", "alien", hours_ago=2, surface="home")
    later = NOW + 13 * HOUR
    roll_up(NOW)

    viewed("ann", "alien", hours_ago=3, surface="home", received=later)
    roll_up(later)
    first = audience(surface="home")
    viewed("cat", "runner", hours_ago=4, surface="home", received=later + HOUR)
    roll_up(later + HOUR)
    again = audience(surface="home")

    assert (first.active_users, first.weekly_users, first.monthly_users) == (2, 2, 3)
    assert (again.active_users, again.weekly_users, again.monthly_users) == (3, 2, 3)
    # dan came in the month, and not that day.
    dans = audience(surface="home", newcomer=False)
    assert (dans.active_users, dans.monthly_users) == (2, 2)


def test_an_arms_people_are_those_who_came_since_their_exposure(world: World):
    experiment = draft("fresher-first", fresher={}, fields={"started_at": NOW - 2.5 * HOUR})
    arm = experiment.variants.get(name="fresher")
    for user in ("ann", "ben"):
        Exposure.objects.create(
            experiment=experiment, user_id=world.users[user], variant=arm, exposed_at=NOW - 2.5 * HOUR
        )
    shown("ann", "alien", "fargo", hours_ago=2, source="trending", surface="home")
    shown("ben", "alien", hours_ago=2, source="trending", surface="search")
    later = NOW + 13 * HOUR
    viewed("ann", "runner", hours_ago=2, received=later)

    roll_up(NOW)
    roll_up(later)

    # ann's heat, runner at 10:00 and fargo at 11:00; ben's alien at 11:00, and not his amelie at 9:00.
    whole, new = audience(variant=arm), audience(variant=arm, newcomer=True)
    assert (whole.active_users, whole.sessions, whole.session_s) == (2, 3, 0)
    assert (new.active_users, new.sessions, new.monthly_users) == (1, 1, 1)
    assert (whole.weekly_users, whole.monthly_users) == (2, 2)
    assert catalogue(variant=arm, surface="home").items == 2
    assert catalogue(variant=arm, newcomer=True).impressions == 1
    assert catalogue(variant=arm).items == 2
