"""Lists that come by the API, as imports: which of them are one, and what is kept of what was refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError

from catalog.imports import BadRow, by_api
from catalog.imports.by_api import PAUSE, record_list
from catalog.imports.recording import REFUSED_FOR, REFUSED_KEPT, Refused, forget_refused
from catalog.models import ImportRun, RefusedRow

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def sent(at: datetime, rows: int = 10, *, bad: int = 0, kind: str = "items", key: str = "k1") -> None:
    refused = Refused()
    for index in range(bad):
        refused.add(BadRow(index, "title", "Too long."), "r1")
    record_list(kind, rows, refused, key_prefix=key, key_name="Feed", at=at, inline=True)


def test_lists_without_a_long_pause_are_one_import():
    sent(NOON, bad=1)
    sent(NOON + 9 * MINUTE)
    sent(NOON + 18 * MINUTE, bad=2)

    run = ImportRun.objects.get()
    assert (run.door, run.kind, run.key_name, run.rows, run.refused) == ("api", "items", "Feed", 30, 3)
    assert (run.began_at, run.ended_at) == (NOON, NOON + 18 * MINUTE)
    assert run.first_problem == "index 0: title: Too long."
    assert list(run.refused_rows.order_by("id").values_list("request_id", "line")) == [
        ("r1", 0),
        ("r1", 0),
        ("r1", 1),
    ]


def test_after_a_pause_on_another_day_of_another_kind_or_key_a_new_one_begins():
    midnight = NOON + timedelta(hours=12)
    for at in (NOON, NOON + PAUSE + MINUTE, midnight - MINUTE, midnight + MINUTE):
        sent(at)
    sent(NOON, kind="users")
    sent(NOON, key="k2")

    assert ImportRun.objects.count() == 6


def test_of_many_refused_rows_the_first_are_kept_and_all_are_counted():
    sent(NOON, rows=600, bad=600)
    sent(NOON + MINUTE, rows=600, bad=600)
    sent(NOON + 2 * MINUTE, rows=5, bad=5)

    run = ImportRun.objects.get()
    assert (run.refused, run.refused_rows.count()) == (1_205, REFUSED_KEPT)


def test_what_can_not_be_recorded_is_recorded_with_the_next_list(monkeypatch):
    def away(*_: object) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(by_api, "_store", away)
        sent(NOON, bad=1)
    sent(NOON + MINUTE)

    assert ImportRun.objects.values_list("rows", "refused").get() == (20, 1)


def test_refused_rows_are_forgotten_after_a_month_and_the_import_is_not():
    sent(NOON, bad=1)

    forget_refused(NOON + REFUSED_FOR)
    assert RefusedRow.objects.exists()
    forget_refused(NOON + REFUSED_FOR + MINUTE)

    assert not RefusedRow.objects.exists()
    assert ImportRun.objects.get().refused == 1
