"""The console's home and the metrics pages, with a week of traffic as the background leaves it."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from retrieval.models import (
    AnswerHour,
    DayTotals,
    PendingDay,
    RequestSlot,
    SourceDay,
    SourceHour,
    SourcePair,
    SourceWork,
)
from retrieval.rollups import sum_requests
from retrieval.tally.histogram import BUCKETS, bucket_of
from tests.browser.axe import serious_faults

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCES = ("collaborative", "co_engagement", "content", "social", "trending")


@pytest.fixture
def traffic(site: str) -> None:
    """Ten days that differ a little from one another, and a day that has waited to be counted."""
    now = datetime.now(UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    for back in range(10):
        wave = 1 + 0.1 * (back % 4)
        DayTotals.objects.create(
            day=(now - back * DAY).date(),
            active_users=int(900 * wave),
            shown_users=800,
            impressions=int(20_000 * wave),
            items=int(1_200 * wave),
            creators=400,
            new_items=int(900 * wave),
            gini=0.6 + 0.01 * back,
            monthly_users=4_000,
            sessions=1_500,
            session_s=900_000.0 * wave,
            diversity=0.72,
            novelty=6.4,
            catalogue_items=1_682,
            catalogue_creators=520,
            counted_at=now,
        )
        for place, source in enumerate(SOURCES, 1):
            n = int(4_000 * wave / place)
            SourceHour.objects.create(
                hour=hour - back * DAY,
                source=source,
                newcomer=False,
                surface="home",
                impressions=n,
                clicks=n // 20,
                likes=n // 70,
                shares=n // 300,
                engaged=n // 16,
                dwells=n // 30,
                dwell_s=n * 0.9,
            )
            SourceDay.objects.create(
                day=(now - back * DAY).date(),
                source=source,
                items=300 * place,
                sole_items=60 * place,
                sole_impressions=n // 5,
                sole_engaged=n // 90,
            )
    for back in range(24):
        for level, ms, n in (("none", 18, 300), ("L1", 6, 500), ("ready", 1, 900 - 20 * back)):
            counts = [0] * BUCKETS
            counts[bucket_of(ms)], counts[bucket_of(3 * ms)] = n - n // 20, n // 20
            AnswerHour.objects.create(
                hour=hour - back * HOUR,
                surface="home",
                level=level,
                answers=n,
                short=2,
                degraded=back % 2,
                ms_counts=counts,
            )
    for back in range(10):
        fates = {"served": 9_000 + 100 * back, "degraded": 40, "refused": 60, "limited": 5, "shed": back % 3}
        RequestSlot.objects.create(
            start=hour - back * DAY, failed=back % 4, timed=8_000, slow=20 * (back % 5), **fates
        )
    sum_requests(now)
    for place, source in enumerate(SOURCES, 1):
        work = {"calls": 7_200, "failed": 9 * place, "ms": 7_200 * 2.5 * place, "candidates": 900_000}
        SourceWork.objects.create(hour=hour, source=source, sole=400_000 // place, **work)
    SourcePair.objects.create(day=now.date(), source="collaborative", other="content", shared=310_000)
    PendingDay.objects.create(day=(now - DAY).date(), queued_at=now - 3 * HOUR)


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "light"), ((390, 844), "dark")])
def test_home_leads_to_metrics_and_to_what_each_source_is_worth(
    site: str, traffic: None, staff_page: Page, size: tuple[int, int], scheme: str
) -> None:
    page = staff_page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)

    page.goto(f"{site}/admin/")
    expect(page.get_by_role("heading", name="What needs attention")).to_be_visible()
    expect(page.get_by_role("link", name="Metrics are behind")).to_be_visible()
    _fits(page)
    page.get_by_role("link", name="By day, with every outcome").click()
    what = page.get_by_text("How long every request may go wrong, where traffic is even.").first
    expect(what).to_be_hidden()
    page.get_by_text("Left, in minutes").first.click()
    expect(what).to_be_visible()
    expect(page.get_by_text("Client’s fault", exact=True).first).to_be_visible()
    page.get_by_text("The last 48 hours, by hour").click()
    _fits(page)
    page.goto(f"{site}/admin/")
    page.get_by_role("link", name="All metrics").click()

    definition = page.get_by_text("Impressions whose user clicked the item within a week")
    expect(definition).to_be_hidden()
    page.get_by_text("Click-through").first.focus()
    page.keyboard.press("Enter")
    expect(definition).to_be_visible()
    page.get_by_text("As a table").first.click()
    expect(page.get_by_role("columnheader", name="Like rate")).to_be_visible()
    _fits(page)
    page.get_by_label("Step").select_option("hour")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Counted by day only.").first).to_be_visible()

    page.get_by_role("link", name="What each source is worth").click()
    expect(page.get_by_role("heading", name="Who proposes the same")).to_be_visible()
    _fits(page)


def _fits(page: Page) -> None:
    """Nothing is cut off at the side, and nobody is kept out."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("window.innerWidth")
    assert serious_faults(page) == []
