"""The metrics pages, from rows as the background leaves them."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.test import Client

from console.metrics.worth import COLUMNS
from experiments.models import Exposure
from retrieval.models import (
    AnswerHour,
    ArmAnswerHour,
    ArmHour,
    AudienceSlice,
    CacheHour,
    CatalogueSlice,
    DayTotals,
    SourceDay,
    SourceHour,
    SourcePair,
    SourceWork,
)
from retrieval.tally.histogram import BUCKETS, bucket_of
from tests.console.staff import logged_in
from tests.experiments.running import draft
from tests.worlds import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ON_LINE = "/admin/retrieval/daytotals/"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def staff() -> Client:
    return logged_in()


def outcomes(model=SourceHour, *, hours_ago=1, source="trending", newcomer=False, surface="home", **counts):
    values = {
        "impressions": 100,
        "clicks": 10,
        "likes": 4,
        "shares": 1,
        "engaged": 12,
        "dwells": 2,
        "dwell_s": 30.0,
    }
    model.objects.create(
        hour=NOW - hours_ago * HOUR, source=source, newcomer=newcomer, surface=surface, **{**values, **counts}
    )


def day(days_ago=0, **values) -> None:
    counted = {
        "active_users": 20,
        "shown_users": 10,
        "impressions": 200,
        "items": 30,
        "creators": 5,
        "new_items": 20,
        "gini": 0.25,
        "monthly_users": 80,
        "sessions": 25,
        "session_s": 15_000.0,
        "diversity": 0.5,
        "novelty": 3.0,
        "catalogue_items": 300,
        "catalogue_creators": 50,
    }
    DayTotals.objects.create(day=(NOW - days_ago * DAY).date(), counted_at=NOW, **{**counted, **values})


def answers(
    level: str, n: int, ms: float, *, surface="home", short=0, degraded=0, model=AnswerHour, **rest
) -> None:
    counts = [0] * BUCKETS
    counts[bucket_of(ms)] = n
    model.objects.create(
        hour=NOW - HOUR,
        surface=surface,
        level=level,
        answers=n,
        short=short,
        degraded=degraded,
        ms_counts=counts,
        **rest,
    )


def looks(level: str, hits: int, misses: int, **values) -> None:
    asked = {"hour": NOW - HOUR, "surface": "home", "errors": 1, **values}
    CacheHour.objects.create(level=level, hits=hits, misses=misses, **asked)


def values(staff: Client, query: str = "") -> dict[str, str]:
    """The newest row of the download, by column."""
    response = staff.get(f"{ON_LINE}?format=csv&{query}")
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(response.content.decode())))[-1]


def test_every_rate_has_its_denominator(staff: Client):
    outcomes()
    outcomes(source="social", impressions=100, clicks=0, likes=0, shares=0, engaged=0, dwells=0, dwell_s=0)
    day()
    answers("none", 1, 40.0, short=1)
    answers("ready", 3, 1.0, degraded=1)
    looks("ready", 3, 1)
    looks("L2", 1, 3)

    found = {title: float(text) for title, text in values(staff).items() if text and title != "day (UTC)"}

    assert found["Impressions"] == 200
    assert (found["Click-through"], found["Like rate"], found["Share rate"]) == (0.05, 0.02, 0.005)
    assert (found["Dwell time"], found["Return rate"], found["Session length"]) == (15, 0.25, 10)
    assert (found["Catalogue coverage"], found["Creator coverage"]) == (0.1, 0.1)
    assert (found["Gini"], found["Share of new items"], found["Novelty"]) == (0.25, 0.1, 3)
    assert (found["Ready answers"], found["Computed"], found["Answers from L1"]) == (0.75, 0.25, 0)
    assert (found["Hit rate of ready answers"], found["Hit rate of L2"]) == (0.75, 0.25)
    assert (found["Shortfalls"], found["Degraded answers"]) == (0.25, 0.25)
    # Half a day has passed.
    assert found["Answers per second"] == pytest.approx(4 / 43_200)
    assert 0.8 < found["Latency p50"] < 1.2
    assert 34 < found["Latency p95"] < 46


def test_a_filter_tells_apart_what_can_be_told_and_leaves_out_the_rest(staff: Client):
    outcomes()
    outcomes(source="social", newcomer=True, surface="search", impressions=50, clicks=1)
    day()
    SourceDay.objects.create(day=NOW.date(), source="social", items=3, sole_items=1)
    answers("none", 2, 10.0)
    answers("none", 5, 10.0, surface="search")

    by_source = values(staff, "source=social")
    by_surface = values(staff, "surface=search")
    by_people = values(staff, "people=returning")

    assert (by_source["Impressions"], by_source["Catalogue coverage"]) == ("50", "0.01")
    assert (by_source["Gini"], by_source["Answers"]) == ("", "")
    assert (by_surface["Impressions"], by_surface["Answers"], by_surface["Return rate"]) == ("50", "5", "")
    assert by_people["Impressions"] == "100"
    assert "not measured by source." in staff.get(f"{ON_LINE}?source=social").content.decode()


def test_an_arm_has_figures_of_its_own(staff: Client):
    experiment = draft("fresher-first", fresher={})
    experiment.status = "running"
    experiment.save()
    arm = experiment.variants.get(name="fresher")
    outcomes()
    outcomes(ArmHour, variant=arm, impressions=10, clicks=5)

    day()
    CatalogueSlice.objects.create(
        day=NOW.date(),
        variant=arm,
        shown_users=1,
        impressions=10,
        items=6,
        creators=2,
        new_items=5,
        gini=0.125,
        diversity=0.5,
    )

    answers("none", 9, 80.0)
    for surface, ms, n in (("home", 1.0, 3), ("search", 20.0, 1)):
        answers("ready", n, ms, model=ArmAnswerHour, variant=arm, surface=surface)

    page = staff.get(f"{ON_LINE}?arm={arm.pk}")
    on_home = values(staff, f"arm={arm.pk}&surface=home")
    found = values(staff, f"arm={arm.pk}")

    assert "fresher-first: fresher" in page.content.decode()
    assert values(staff, f"arm={arm.pk}")["Click-through"] == "0.5"
    assert (found["Gini"], found["Diversity within answers"], found["Novelty"]) == ("0.125", "0.5", "")
    assert (float(found["Catalogue coverage"]), found["Share of new items"]) == (pytest.approx(0.02), "0.5")
    assert (found["Answers"], on_home["Answers"], found["Ready answers"]) == ("4", "3", "1.0")
    assert 0.8 < float(on_home["Latency p95"]) < 1.2
    assert 17 < float(found["Latency p99"]) < 23
    assert "look-ups are counted by surface, not by arm." in page.content.decode()
    assert not Exposure.objects.exists()


def test_a_surface_and_its_people_have_their_own_catalogue_and_audience(staff: Client):
    outcomes()
    day()
    own = {"day": NOW.date(), "surface": "home"}
    CatalogueSlice.objects.create(
        **own, shown_users=4, impressions=40, items=15, creators=10, new_items=10, gini=0.5, diversity=0.75
    )
    AudienceSlice.objects.create(**own, active_users=5, weekly_users=10, monthly_users=20)
    AudienceSlice.objects.create(
        day=NOW.date(), newcomer=True, active_users=2, monthly_users=4, sessions=3, session_s=360
    )

    home, new, both = (
        values(staff, query) for query in ("surface=home", "people=new", "surface=home&people=new")
    )

    assert (home["Catalogue coverage"], home["Creator coverage"], home["Gini"]) == ("0.05", "0.2", "0.5")
    assert (home["Share of new items"], home["Diversity within answers"]) == ("0.25", "0.75")
    assert (home["Active users"], home["Active in 7 days"], home["Return rate"]) == ("5", "10", "0.25")
    assert (new["Return rate"], new["Session length"], new["Gini"]) == ("0.5", "2.0", "")
    assert (both["Active users"], both["Gini"]) == ("", "")


def test_a_page_says_why_a_figure_has_no_meaning_for_what_is_chosen(staff: Client):
    outcomes()
    day()

    def said(query: str) -> str:
        return staff.get(f"{ON_LINE}?{query}").content.decode()

    assert "Session length: a session goes from surface to surface and is of none." in said("surface=home")
    assert "Nobody comes to a source: an answer has candidates of several." in said("source=social")
    assert "measured by source where nothing else is chosen." in said("source=social&people=new")
    assert "Not measured by new against returning." in said("people=new")


def test_hours_are_shown_one_by_one_and_days_are_not_made_up_from_them(staff: Client):
    outcomes(hours_ago=1)
    outcomes(hours_ago=2, clicks=20)
    day()

    response = staff.get(f"{ON_LINE}?format=csv&step=hour&days=1")
    rows = list(csv.DictReader(StringIO(response.content.decode())))

    assert len(rows) == 24
    assert rows[-1]["hour (UTC)"] == datetime(2026, 1, 15, 12, tzinfo=UTC).isoformat()
    assert [row["Click-through"] for row in rows[-3:]] == ["0.2", "0.1", ""]
    assert rows[-1]["Gini"] == ""
    assert "Counted by day only." in staff.get(f"{ON_LINE}?step=hour").content.decode()


def test_each_number_says_what_it_is_and_of_what(staff: Client):
    outcomes()
    outcomes(hours_ago=30, clicks=20)
    day()

    page = staff.get(ON_LINE).content.decode()

    assert '<summary title="Impressions whose user clicked the item within a week' in page
    assert "Users active in the 30 days up to its end (MAU), of the same surface, arm and people" in page
    assert 'aria-label="Click-through, by day from Fri 02 Jan to Thu 15 Jan: lowest 10.0 %' in page


def test_a_single_day_is_a_figure_and_no_line(staff: Client):
    outcomes()

    assert "10.0 % is all there is yet: a line takes two." in staff.get(ON_LINE).content.decode()


def test_nonsense_in_the_address_is_as_if_it_had_not_been_said(staff: Client):
    assert staff.get(f"{ON_LINE}?step=year&days=9&arm=x&surface=nowhere&people=dogs").status_code == 200


def test_what_a_source_is_worth(staff: Client):
    outcomes(impressions=100, engaged=10)
    outcomes(source="social", impressions=50, engaged=10)
    SourceDay.objects.create(
        day=NOW.date(), source="social", items=8, sole_items=2, sole_impressions=4, sole_engaged=3
    )
    work = {"hour": NOW - HOUR, "failed": 1}
    SourceWork.objects.create(source="social", calls=20, ms=100.0, candidates=400, sole=100, **work)
    SourceWork.objects.create(source="trending", calls=20, ms=10.0, candidates=1_000, sole=700, **work)
    SourcePair.objects.create(day=NOW.date(), source="social", other="trending", shared=300)

    response = staff.get(f"{ON_LINE}sources/?format=csv")
    rows = {row["source"]: row for row in csv.DictReader(StringIO(response.content.decode()))}
    social = {column.name: rows["social"][column.title] for column in COLUMNS}
    page = staff.get(f"{ON_LINE}sources/").content.decode()

    assert (social["rate"], float(social["marginal"])) == ("0.2", pytest.approx(0.1))
    assert (social["unique"], social["alone"], social["overlap"]) == ("0.25", "0.3", "0.75")
    assert (social["call_ms"], social["engaged_ms"], social["failed"]) == ("5.0", "10.0", "0.05")
    # Three in four of social's candidates, three in ten of trending's.
    assert "75.0 %" in page
    assert "30.0 %" in page


def test_a_pages_statements_are_few_whatever_it_shows(staff: Client, django_assert_max_num_queries):
    outcomes()
    day()
    answers("none", 2, 10.0)

    with django_assert_max_num_queries(13):
        staff.get(ON_LINE)
