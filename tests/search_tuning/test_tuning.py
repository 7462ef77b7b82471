"""Two islands of taste, whose version gets thousands of items more, so that its search is worth tuning."""

import dataclasses
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from retrieval.ann.pgvector import PgVectorIndex
from retrieval.ann.snapshots import build_snapshot
from retrieval.config import config, overridden
from retrieval.mixes import create_revision, forget_cached_mixes, publish
from retrieval.models import ModelVersion
from retrieval.offline import pipeline, vectors_table
from retrieval.search_tuning import Asked, Curve, Point, kept_tuning, live_queries, measured
from retrieval.versions import live_model
from tests.ann.vectors import clustered
from tests.evaluation.test_installed import record_events_of_now
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("snapshots_dir")]
BODY = {
    "merge": "round_robin",
    "sources": [{"name": "collaborative", "quota": 1000, "options": {"ef_search": 300}}],
    "fill": [],
}


@pytest.fixture
def a_live_version(tmp_path, monkeypatch):
    own = dataclasses.replace(config(), snapshots_dir=str(tmp_path / "training"))
    monkeypatch.setattr("retrieval.offline.snapshot.config", lambda: own)
    monkeypatch.setattr("retrieval.offline.promoting.config", lambda: own)
    two_islands()
    record_events_of_now()
    forget_cached_mixes()
    publish(create_revision(BODY, note="nearest only").number)
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG))
    yield
    forget_cached_mixes()


@pytest.fixture
def model(a_live_version):
    model = live_model()
    more = clustered(4000, DIM, seed=2)
    vectors_table.copy_in(model.vectors_table, np.arange(4000) + 1_000_000, more, more)
    vectors_table._execute("ANALYZE {table}", model.vectors_table)
    with overridden(vectors_cache_mb=0):
        yield model


def point(ef_search: int, recall: float, p50_ms: float) -> Point:
    return Point(ef_search, f"ef_search {ef_search}", recall, recall, p50_ms, p50_ms)


def test_the_fastest_point_that_reaches_the_recall_is_chosen():
    curve = Curve("pgvector", (point(50, 0.8, 1.0), point(100, 0.95, 2.0), point(200, 0.99, 3.0)))
    assert curve.least_for(0.95).ef_search == 100
    assert curve.least_for(0.999) is None


def test_efforts_that_come_to_the_same_are_measured_once(model):
    [query] = clustered(1, DIM, seed=3)
    table = model.vectors_table

    curve = measured("pgvector", PgVectorIndex(table), Asked.exactly(table, 100, query[None]), [50, 100, 400])

    assert [(one.ef_search, one.setting) for one in curve.points] == [
        (50, "ef_search 100"),
        (400, "ef_search 400"),
    ]
    assert curve.points[1].recall >= 0.95


def test_queries_are_users_vectors(model):
    queries = live_queries(model, 8)
    assert queries.shape == (8, DIM)
    assert np.linalg.norm(queries, axis=1) == pytest.approx(np.ones(8), abs=1e-3)


def test_the_command_measures_each_engine_and_recommends(model):
    build_snapshot(model, layout="hnsw", threads=1)
    out = StringIO()

    call_command("tune_ann", k=50, queries=5, efforts=[50, 400], target=0.9, stdout=out)

    tuning = kept_tuning(ModelVersion.objects.get(id=model.version))
    assert [curve.engine for curve in tuning.curves] == ["pgvector", "faiss-hnsw"]
    assert [one.ef_search for one in tuning.curves[0].points] == [50, 300, 400]
    assert tuning.present_ef == 300
    assert all(curve.points[-1].recall >= 0.9 for curve in tuning.curves)
    assert "For a recall of 0.9:" in out.getvalue()
    assert "300 (the mix's)" in out.getvalue()


@pytest.mark.usefixtures("a_live_version")
def test_where_every_search_is_exact_there_is_nothing_to_tune():
    with pytest.raises(CommandError, match="compared one by one"):
        call_command("tune_ann")


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("k", 0, "--k"), ("queries", 0, "--queries"), ("target", 2.0, "--target"), ("efforts", [5000], "5000")],
)
def test_a_wrong_option_is_named(option, value, said):
    with pytest.raises(CommandError, match=said):
        call_command("tune_ann", **{option: value})
