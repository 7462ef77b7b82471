"""The recall of what was really answered, kept by the hour."""

import datetime as dt
import threading

import numpy as np
import pytest

from retrieval import metrics
from retrieval.ann import sampling, search_live
from retrieval.ann.measuring import Truth
from retrieval.ann.sampling import Beside, Sample, compare
from retrieval.config import overridden
from retrieval.models import LiveRecall
from retrieval.types import LiveModel, StoreUnavailable
from tests.catalog.people import NOW
from tests.offline.versions_world import fill, version

pytestmark = pytest.mark.django_db
EAST = np.array([1, 0], np.float32)


@pytest.fixture
def model() -> LiveModel:
    """Four items, of which 10 and 20 are nearest to the east, and 30 ties with 40."""
    made = version()
    fill(made, {10: [1, 0], 20: [0.8, 0.6], 30: [0, 1], 40: [0, 1]})
    return LiveModel(made.pk, 2, made.vectors_table, made.related_table)


def sample(model: LiveModel, *found: int, k: int = 2) -> Sample:
    return Sample(model, "pgvector", EAST, k, 400, np.array(found, np.int64), 1.5)


def recall(model: LiveModel, *found: int, k: int) -> float:
    truth = Truth.of(model.vectors_table, EAST, k, deadline=None)
    hits = truth.hits(model.vectors_table, EAST, np.array(found, np.int64), deadline=None)
    return hits / len(truth.ids)


def test_recall_is_the_share_of_the_true_neighbors(model):
    assert recall(model, 10, 30, k=2) == 0.5
    assert recall(model, 20, 10, k=2) == 1.0
    assert recall(model, k=2) == 0.0


def test_a_tie_with_the_last_true_neighbor_is_no_error(model):
    assert recall(model, 10, 20, 40, k=3) == 1.0


def test_items_that_no_longer_exist_are_errors(model):
    assert recall(model, 10, 99, k=2) == 0.5


def test_samples_of_an_hour_are_added_up(model):
    compare(sample(model, 10, 20))
    compare(sample(model, 10, 30))

    [kept] = LiveRecall.objects.all()
    assert (kept.samples, kept.hits, kept.expected, kept.recall, kept.least) == (2, 3, 4, 0.75, 0.5)
    assert kept.ms == 3.0
    assert kept.exact_ms > 0


def test_hours_efforts_and_engines_are_kept_apart(model):
    facts = {"version_id": model.version, "hits": 1, "expected": 1, "ms": 1.0, "exact_ms": 1.0}
    for engine, ef_search, hours in [("pgvector", 400, 0), ("pgvector", 800, 0), ("faiss-hnsw", 400, 0)]:
        LiveRecall.record(engine=engine, ef_search=ef_search, now=NOW + dt.timedelta(hours=hours), **facts)
    LiveRecall.record(engine="pgvector", ef_search=400, now=NOW + dt.timedelta(hours=1), **facts)

    assert sorted(LiveRecall.objects.values_list("samples", flat=True)) == [1, 1, 1, 1]


def test_samples_are_exported(model):
    samples = metrics.INDEX_RECALL_SAMPLES.labels("pgvector")._value.get()
    found = metrics.INDEX_RECALL_FOUND.labels("pgvector")._value.get()
    sampling._last.clear()

    compare(sample(model, 10, 20))
    compare(sample(model, 10, 30))

    assert metrics.INDEX_RECALL.labels("pgvector")._value.get() == 0.75
    assert metrics.INDEX_RECALL_SAMPLES.labels("pgvector")._value.get() == samples + 2
    assert metrics.INDEX_RECALL_FOUND.labels("pgvector")._value.get() == found + 3


def offered(model: LiveModel, monkeypatch: pytest.MonkeyPatch, share: float) -> list[Sample]:
    samples: list[Sample] = []
    monkeypatch.setattr(sampling._beside, "offer", samples.append)
    with overridden(recall_share=share):
        ids, _ = search_live(model, EAST, 2, deadline=None, ef_search=400)
    assert ids.tolist() == [10, 20]
    return samples


def test_a_search_that_is_drawn_is_compared_as_it_was_answered(model, monkeypatch):
    [taken] = offered(model, monkeypatch, share=1.0)
    assert (taken.engine, taken.k, taken.ef_search, taken.found.tolist()) == ("pgvector", 2, 400, [10, 20])


def test_no_search_is_compared_where_none_is_to_be(model, monkeypatch):
    assert offered(model, monkeypatch, share=0.0) == []


def test_what_is_offered_while_one_is_compared_is_dropped(model):
    go_on, compared = threading.Event(), []

    def work(one: Sample) -> None:
        go_on.wait()
        compared.append(one)

    beside = Beside(work)
    first = beside.offer(sample(model, 10))
    assert beside.offer(sample(model, 20)) is None
    go_on.set()
    first.join()
    assert len(compared) == 1


def test_a_comparison_is_followed_by_a_rest(model, monkeypatch):
    monkeypatch.setattr(sampling, "_REST", 1e9)
    beside = Beside(lambda one: None)
    beside.offer(sample(model, 10)).join()
    assert beside.offer(sample(model, 10)) is None


def test_a_comparison_that_fails_does_not_end_the_measuring(model, monkeypatch):
    monkeypatch.setattr(sampling, "_REST", 0)

    def fail(one: Sample) -> None:
        raise StoreUnavailable("Postgres is away")

    beside = Beside(fail)
    beside.offer(sample(model, 10)).join()
    again = beside.offer(sample(model, 10))
    assert again is not None
    again.join()
