import pytest
from django.test import Client

from retrieval.models import LivePointer, ModelVersion
from retrieval.versions import promote
from tests.catalog.people import NOW
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db


def a_version(state: str = "ready") -> ModelVersion:
    return ModelVersion.objects.create(cutoff=NOW, state=state, report={"recall@100": 0.55})


def address(version: ModelVersion, page: str) -> str:
    return f"/admin/retrieval/modelversion/{version.pk}/{page}"


def live() -> int | None:
    pointer = LivePointer.objects.first()
    return pointer.version_id if pointer else None


@pytest.fixture
def client() -> Client:
    return logged_in()


def test_a_version_shows_its_report(client: Client) -> None:
    assert "recall@100" in client.get(address(a_version(), "change/")).content.decode()


def test_a_version_shows_its_curve_gates_and_durations(client: Client) -> None:
    version = a_version()
    version.report = {
        "training": {"validation_recall": [0.1, 0.3, 0.2], "seconds": 75.2},
        "evaluating": {
            "gates": [{"name": "rows", "passed": False, "value": 1682, "demand": "= 1683"}],
            "seconds": 1,
        },
        "snapshot": {"files": {"events": {"rows": 99_993, "bytes": 653_228}}, "seconds": 0.5},
    }
    version.save()

    page = client.get(address(version, "change/")).content.decode()

    assert "<polyline points=" in page
    assert "the best, 0.300, after pass 2, was kept" in page
    assert "✗ failed" in page
    assert "1 min 17 s in all" in page
    assert "99,993 (638 KB)" in page


def test_a_version_that_has_no_report_yet_still_has_a_page(client: Client) -> None:
    version = ModelVersion.objects.create(cutoff=NOW, error="training: no memory")

    assert "training: no memory" in client.get(address(version, "change/")).content.decode()


def test_looking_at_the_question_promotes_nothing(client: Client) -> None:
    assert client.get(address(a_version(), "promote/")).status_code == 200
    assert live() is None


def test_the_answer_promotes(client: Client) -> None:
    version = a_version()
    client.post(address(version, "promote/"))
    assert live() == version.pk


def test_an_unfinished_version_is_refused_with_the_reason(client: Client) -> None:
    answer = client.post(address(a_version("building"), "promote/"), follow=True)
    assert "not ready" in answer.content.decode()
    assert live() is None


def test_rolling_back_brings_the_one_before(client: Client) -> None:
    first, second = a_version(), a_version()
    promote(first.pk)
    promote(second.pk)
    client.post(address(second, "roll-back/"))
    assert live() == first.pk


def test_who_may_only_look_moves_nothing() -> None:
    version = a_version()
    client = logged_in(staff_who_may("retrieval.view_modelversion"))
    assert client.post(address(version, "promote/")).status_code == 403
    assert live() is None
