"""The page of a version's search, for three points of two engines."""

import datetime as dt
from dataclasses import asdict

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from console.admin import search_page, search_report
from retrieval.models import LiveRecall, ModelVersion
from retrieval.search_tuning import Curve, Point, Tuning
from tests.catalog.people import NOW
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
SLOW = Point(ef_search=400, setting="ef_search 400", recall=0.94, worst=0.9, p50_ms=5.0, p95_ms=7.0)
SLOWER = Point(ef_search=800, setting="ef_search 800", recall=0.98, worst=0.95, p50_ms=9.0, p95_ms=12.0)
FAST = Point(ef_search=400, setting="efSearch 400", recall=0.96, worst=0.93, p50_ms=1.0, p95_ms=1.5)
TUNING = Tuning(
    at="2026-01-01T00:00:00+00:00",
    k=400,
    queries=100,
    rows=1_000_000,
    target=0.95,
    present_ef=400,
    curves=(Curve("pgvector", (SLOW, SLOWER)), Curve("faiss-hnsw", (FAST,))),
)


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersion.objects.create(
        cutoff=NOW, state=ModelVersion.State.READY, report={"search_tuning": asdict(TUNING)}
    )


def address(version: ModelVersion) -> str:
    return f"/admin/retrieval/modelversion/{version.pk}/search/"


def page(version: ModelVersion, client: Client | None = None) -> str:
    answer = (client or logged_in()).get(address(version))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_fastest_setting_that_reaches_the_target_is_recommended(version):
    assert TUNING.recommended() == ("faiss-hnsw", FAST)
    shown = page(version)
    assert "For a recall of 0.95: ef_search 400 with faiss-hnsw, 0.960 in 1.00 ms." in shown
    assert "The published mix asks for 400: pgvector 0.940 in 5.00 ms" in shown
    assert "1,000,000 vectors" in shown


def test_where_nothing_reaches_the_target_the_page_says_so(version):
    tuning = Tuning(**{**asdict(TUNING), "target": 0.999, "curves": TUNING.curves})
    assert "Nothing reaches a recall of 0.999" in search_report.advice(tuning)


def test_better_is_higher_and_slower_is_further_right():
    picture = search_report.picture(TUNING)
    slow, slower = picture.lines[0].marks
    [fast] = picture.lines[1].marks
    assert fast.x < slow.x < slower.x
    assert slower.y < fast.y < picture.target_y < slow.y
    assert [mark.kind for line in picture.lines for mark in line.marks] == ["present", "", "recommended"]


def test_everything_lies_within_the_picture():
    picture = search_report.picture(TUNING)
    for mark in [*picture.levels, *picture.steps, *(mark for line in picture.lines for mark in line.marks)]:
        assert 0 <= mark.x <= search_report.WIDTH
        assert 0 <= mark.y <= search_report.HEIGHT


def test_a_version_without_a_measurement_has_a_page(version):
    ModelVersion.objects.update(report={"search_tuning": {"of": "another Headwater"}})
    assert "Nothing was measured yet" in page(version)


def test_samples_of_the_last_day_are_added_up_by_engine_and_effort(version):
    facts = {"version_id": version.pk, "engine": "pgvector", "ef_search": 400, "ms": 5.0, "exact_ms": 90.0}
    LiveRecall.record(hits=390, expected=400, **facts)
    LiveRecall.record(hits=370, expected=400, now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=3), **facts)
    LiveRecall.record(hits=1, expected=400, now=dt.datetime.now(dt.UTC) - dt.timedelta(hours=30), **facts)

    [one] = search_report.sampled(version, dt.datetime.now(dt.UTC))

    assert (one["n"], one["recall"], one["lowest"], one["mean_ms"]) == (2, 0.95, 0.925, 5.0)
    assert "0.9500" in page(version)


def test_measuring_is_handed_to_a_worker(version, monkeypatch):
    asked: list[tuple] = []
    monkeypatch.setattr(search_page.tune_search, "delay", lambda *a, **kw: asked.append((a, kw)))
    client = logged_in()

    client.post(address(version), {"k": 400, "queries": 50, "target": 0.97})

    assert asked == [((version.pk,), {"k": 400, "queries": 50, "target": 0.97})]
    assert "A measurement is under way" in page(version, client)


def test_without_a_broker_the_page_says_that_nothing_is_measured(version, monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(search_page.tune_search, "delay", refuse)
    client = logged_in()
    answer = client.post(address(version), {"k": 400, "queries": 50, "target": 0.97}, follow=True)
    assert "The broker is away" in answer.content.decode()
    assert "A measurement is under way" not in page(version, client)


def test_a_target_above_all_is_refused(version, monkeypatch):
    monkeypatch.setattr(search_page.tune_search, "delay", lambda *a, **kw: pytest.fail("asked"))
    answer = logged_in().post(address(version), {"k": 400, "queries": 50, "target": 1.5})
    assert "less than or equal to 1" in answer.content.decode()


def test_who_may_only_look_measures_nothing(version, monkeypatch):
    monkeypatch.setattr(search_page.tune_search, "delay", lambda *a, **kw: pytest.fail("asked"))
    client = logged_in(staff_who_may("retrieval.view_modelversion"))
    assert "Measure now" not in page(version, client)
    client.post(address(version), {"k": 400, "queries": 50, "target": 0.97})
