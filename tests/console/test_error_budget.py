"""What is left of the error budgets, in figures that can be solved by hand."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import Permission

from console.attention import spending
from console.budget import texts
from console.budget.reading import read_budgets, read_days
from retrieval.models import RequestDay, RequestSlot
from retrieval.rollups import sum_requests
from retrieval.tally.requests import COUNTED
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import NOW

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PAGE = "/admin/retrieval/requestday/"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def slot(ago: timedelta, **counts: int) -> None:
    RequestSlot.objects.create(start=NOW - ago, **{**dict.fromkeys(COUNTED, 0), **counts})


def a_month() -> None:
    """Thirty days of a thousand requests, half of them for candidates; on three days four fail and ten are slow."""
    for back in range(30):
        bad = (
            {"failed": 3, "shed": 1, "slow": 10} if back in (5, 6, 7) else {"failed": 0, "shed": 0, "slow": 0}
        )
        served = 900 - bad["failed"] - bad["shed"]
        slot(back * DAY + 7 * HOUR, served=served, degraded=40, refused=50, limited=10, timed=500, **bad)
    sum_requests(NOW)


def test_a_budget_that_is_partly_spent():
    a_month()

    availability, latency = read_budgets(NOW)

    # 12 of 30,000 were bad; a thousandth, 30, may be. A thousandth of thirty days is 43.2 minutes.
    assert (availability.period.requests, availability.period.bad) == (30_000, 12)
    assert availability.left == pytest.approx(0.6)
    assert (availability.left_requests, availability.left_minutes) == (
        pytest.approx(18),
        pytest.approx(25.92),
    )
    assert texts.share(availability.period.good_share) == "99.960 %"
    # 30 of 15,000 were slow; a hundredth, 150, may be. A hundredth of thirty days is 432 minutes.
    assert (latency.period.requests, latency.period.bad) == (15_000, 30)
    assert latency.left == pytest.approx(0.8)
    assert (latency.left_requests, latency.left_minutes) == (pytest.approx(120), pytest.approx(345.6))
    assert [budget.rate(HOUR) for budget in (availability, latency)] == [None, None]
    assert list(spending.budgets(NOW)) == []


def test_what_is_left_at_the_end_of_each_day_is_of_the_thirty_days_up_to_it():
    a_month()
    RequestDay.objects.create(day=(NOW - 31 * DAY).date(), **{**dict.fromkeys(COUNTED, 0), "failed": 24})

    days = read_days(NOW)["availability"]

    assert len(days) == 30
    left = {(NOW.date() - day.day).days: day.left for day in days}
    assert left[0] == pytest.approx(0.6)
    # Two days ago what is now 31 days ago was the first of the thirty, of which 28 are these.
    assert left[1] == pytest.approx(1 - 12 / 29)
    assert left[2] == pytest.approx(1 - (12 + 24) / 28.024)
    assert [day.counted.bad for day in days[-8:]] == [4, 4, 4, 0, 0, 0, 0, 0]


def test_a_burn_that_goes_on_and_one_that_is_over():
    for minutes, failed in ((2, 5), (20, 25)):
        slot(minutes * MINUTE, served=500 - failed, failed=failed)

    fast = read_budgets(NOW)[0]
    later = read_budgets(NOW + 45 * MINUTE)[0]

    # 30 of 1,000 in the hour, and 5 of 500 now: not yet as fast in the short window as in the long one.
    assert fast.rate(HOUR) == pytest.approx(30)
    assert fast.rate(5 * MINUTE) == pytest.approx(10)
    assert fast.burns is not None
    assert (fast.burns.rate, fast.burns.urgent) == (6, False)
    assert later.rate(6 * HOUR) == pytest.approx(30)
    assert later.burns is None


def test_a_fire_and_a_spent_budget_need_attention():
    a_month()
    slot(3 * MINUTE, served=190, failed=10, timed=100, slow=20)
    slot(10 * DAY, failed=30)
    sum_requests(NOW)

    burning, spent, slow = spending.budgets(NOW)

    assert burning.what.startswith("Availability: the budget is spent 50 times too fast. 10 of 200 requests")
    assert (burning.urgent, burning.since, burning.link) == (True, NOW - HOUR, PAGE)
    # 52 of 30,230.
    assert spent.what.startswith("Availability: the budget is spent. 99.827 % of thirty days were good")
    assert spent.since is not None
    assert slow.what.startswith("Latency within 200 ms: the budget is spent 20 times too fast.")
    home = logged_in().get("/admin/").content.decode()
    assert "of the budget: it is spent" in home
    assert "50 times too fast" in home


def test_one_error_of_a_hundred_requests_is_no_alarm():
    slot(3 * MINUTE, served=98, failed=1)

    assert read_budgets(NOW)[0].left == pytest.approx(1 - 1 / 99 / 0.001)
    assert list(spending.budgets(NOW)) == []


def test_the_page_has_every_outcome_and_says_what_each_is_of(django_assert_max_num_queries):
    a_month()
    staff = logged_in()

    with django_assert_max_num_queries(10):
        page = staff.get(PAGE).content.decode()
    rows = list(csv.DictReader(StringIO(staff.get(f"{PAGE}?format=csv").content.decode())))

    assert "60.0 %" in page
    assert "25.9 min" in page
    assert "Of: Requests to the API, also those with a mistake of the client’s (4xx)." in page
    assert "Counted since 17 December 2025" in page
    bad = next(row for row in rows if row["failed"] == "3")
    assert (bad["served"], bad["shed"], bad["slow"]) == ("896", "1", "10")
    assert (float(bad["availability"]), float(bad["latency"])) == (0.996, 0.98)


def test_of_nothing_nothing_is_made_up():
    staff = logged_in()

    assert "Nothing was counted yet." in staff.get(PAGE).content.decode()
    assert "– in 30 days; objective 99.9 %" in staff.get("/admin/").content.decode()


def test_the_home_shows_budgets_to_who_may_see_them():
    a_month()
    sam = staff_who_may("retrieval.view_daytotals", "retrieval.view_requestday")

    assert "Error budget" in logged_in(sam).get("/admin/").content.decode()
    sam.user_permissions.remove(Permission.objects.get(codename="view_requestday"))
    assert "Error budget" not in logged_in(sam).get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("value", "text"), [(0.999_996, "99.999 %"), (1.0, "100 %"), (0.9996, "99.960 %"), (None, "–")]
)
def test_a_share_is_never_rounded_up_to_all(value, text):
    assert texts.share(value) == text
