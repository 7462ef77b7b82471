"""Requests by outcome: counted in slots, kept while Postgres is away, summed up by hour and day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import OperationalError

from retrieval.models import RequestDay, RequestHour, RequestSlot
from retrieval.rollups import sum_requests
from retrieval.rollups.requests import SLOTS_KEPT
from retrieval.tally import count_request, count_shed, flush, forget_counts, storing
from retrieval.tally.requests import COUNTED, RequestCell, RequestCounts, outcome_of

MIDNIGHT = datetime(2026, 1, 15, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    forget_counts()


def at(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def slot(start: datetime, **counts: int) -> None:
    RequestSlot.objects.create(start=start, **{**dict.fromkeys(COUNTED, 0), **counts})


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(200, "served"), (404, "refused"), (429, "limited"), (500, "failed"), (503, "failed")],
)
def test_every_status_has_one_outcome(status: int, outcome: str):
    assert outcome_of(status) == outcome


@pytest.mark.django_db
def test_a_request_is_in_the_five_minutes_in_which_it_was_answered():
    with at(MIDNIGHT + 4 * MINUTE):
        count_request(200, ms=199.0)
        count_request(200, ms=201.0, degraded=True)
        count_request(500, ms=3.0)
    with at(MIDNIGHT + 5 * MINUTE):
        count_request(404)
        count_shed()

    flush()

    first, second = RequestSlot.objects.order_by("start")
    assert (first.start, second.start) == (MIDNIGHT, MIDNIGHT + 5 * MINUTE)
    assert (first.served, first.degraded, first.failed, first.timed, first.slow) == (1, 1, 1, 3, 1)
    assert (second.refused, second.shed, second.timed) == (1, 1, 0)


@pytest.mark.django_db
def test_what_was_counted_while_postgres_was_away_is_added_to_the_time_it_was_in(monkeypatch):
    def away(*_: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(storing, "_store_requests", away)
        for minute in (0, 1, 61):
            with at(MIDNIGHT + minute * MINUTE):
                count_request(503)
                flush()
    with at(MIDNIGHT + 61 * MINUTE):
        count_request(200)

    flush()
    flush()

    found = {row.start: (row.failed, row.served) for row in RequestSlot.objects.all()}
    assert found == {MIDNIGHT: (2, 0), MIDNIGHT + 60 * MINUTE: (1, 1)}


def test_a_process_remembers_a_week_and_says_what_it_gives_up():
    counts = RequestCounts()
    week = 7 * 24 * 12
    kept = {number: RequestCell(failed=2, served=1) for number in range(week + 2)}

    assert counts.put_back(kept) == 6
    assert sorted(counts.taken()) == list(range(2, week + 2))


@pytest.mark.django_db
def test_hours_and_days_are_summed_anew_from_their_slots():
    slot(MIDNIGHT + 5 * MINUTE, served=10, slow=1)
    slot(MIDNIGHT + 55 * MINUTE, served=5, failed=2)
    slot(MIDNIGHT + 60 * MINUTE, shed=1)

    written = sum_requests(MIDNIGHT + DAY)
    # An hour late, by a process that could not store it before.
    RequestSlot.objects.filter(failed=2).update(failed=3)
    again = sum_requests(MIDNIGHT + DAY)

    assert (written, again, sum_requests(MIDNIGHT + DAY)) == (3, 2, 0)
    hours = {row.start: (row.served, row.failed, row.shed, row.slow) for row in RequestHour.objects.all()}
    assert hours == {MIDNIGHT: (15, 3, 0, 1), MIDNIGHT + 60 * MINUTE: (0, 0, 1, 0)}
    day = RequestDay.objects.get()
    assert (day.day, day.served, day.failed, day.shed) == (MIDNIGHT.date(), 15, 3, 1)


@pytest.mark.django_db
def test_old_slots_go_and_their_day_stays_whole():
    slot(MIDNIGHT, served=1)
    slot(MIDNIGHT + DAY - 5 * MINUTE, served=2)

    sum_requests(MIDNIGHT + SLOTS_KEPT + DAY - MINUTE)
    assert RequestSlot.objects.count() == 2
    sum_requests(MIDNIGHT + SLOTS_KEPT + DAY)

    assert not RequestSlot.objects.exists()
    assert RequestDay.objects.get().served == 3
