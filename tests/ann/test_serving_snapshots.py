"""What a process searches while snapshots come, age and go. On committed tables, as in a web process."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg
import pytest
from django.db import connection

from retrieval import metrics
from retrieval.ann import IndexUnavailable, SnapshotIndex, forget_vectors, index_of, search_live
from retrieval.ann.snapshots import build_snapshot, open_now, rebuild_if_due
from retrieval.ann.snapshots.library import faiss
from retrieval.config import overridden
from retrieval.hot import watched_statements
from retrieval.models import LiveRecall
from retrieval.offline import vectors_table
from retrieval.types import LiveModel
from retrieval.versions import drop_tables
from tests.ann.snapshots import model_of
from tests.ann.vectors import clustered
from tests.offline.versions_world import version

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("snapshots_dir", "served_by_faiss"),
]
TABLE = "test_served_vectors"
IDS = np.array([10, 20, 30], np.int64)
COMPASS = np.array([[0, 1], [0.8, 0.6], [1, 0]], np.float32)
EAST = COMPASS[2]


@pytest.fixture
def model() -> LiveModel:
    vectors_table.create(TABLE, 2)
    vectors_table.copy_in(TABLE, IDS, COMPASS, COMPASS)
    vectors_table.build_index(TABLE)
    return model_of(TABLE, vectors_changed_at="monday")


def build(model: LiveModel) -> None:
    build_snapshot(model, layout="hnsw", threads=1)
    open_now(model)


def put(item_id: int, vector: np.ndarray) -> None:
    vectors_table.upsert(TABLE, np.array([item_id]), vector[None], vector[None])


def search(model: LiveModel) -> tuple[str, list[int]]:
    """(which index answered, what)"""
    index = index_of(model, deadline=None)
    return type(index).__name__, index.search(EAST, 10, deadline=None, ef_search=10)[0].tolist()


def unused(reason: str) -> float:
    return metrics.SNAPSHOT_UNUSED.labels(reason)._value.get()


def test_until_there_is_a_snapshot_postgres_is_searched(model):
    before = unused("absent")

    assert search(model) == ("PgVectorIndex", [30, 20, 10])
    build(model)
    assert search(model) == ("SnapshotIndex", [30, 20, 10])

    assert unused("absent") == before + 1


def test_a_snapshot_is_searched_without_postgres(model):
    build(model)
    search(model)
    with watched_statements() as statements:
        search(model)
    assert statements == []


def test_who_did_not_ask_for_faiss_searches_postgres(model):
    build(model)
    with overridden(vector_engine="pgvector"):
        assert search(model)[0] == "PgVectorIndex"


def test_new_items_are_found_once_the_version_says_that_it_changed(model):
    build(model)
    put(40, EAST)

    assert search(model)[1] == [30, 20, 10]
    assert search(replace(model, vectors_changed_at="tuesday"))[1] == [30, 40, 20, 10]


def test_with_too_many_changes_postgres_is_searched_until_the_next_snapshot(model):
    build(model)
    with overridden(faiss_most_changes=1):
        put(40, EAST)
        put(50, EAST)
        tuesday = replace(model, vectors_changed_at="tuesday")
        assert search(tuesday) == ("PgVectorIndex", [30, 40, 50, 20, 10])
        assert search(tuesday)[0] == "PgVectorIndex"
        # While a transaction is open anywhere on the server, changes after it began count as later than the snapshot.
        for _ in range(50):
            build(tuesday)
            if search(tuesday)[0] == "SnapshotIndex":
                break
            time.sleep(0.2)
        assert search(tuesday) == ("SnapshotIndex", [30, 40, 50, 20, 10])


def test_what_was_open_when_the_snapshot_began_and_commits_later_is_found(model):
    build(model)  # from now on changes are written down
    with psycopg.connect(_conninfo()) as other:
        other.execute(f"INSERT INTO {TABLE} VALUES (40, '[1,0]', '[1,0]')")
        build(model)
        assert search(model)[1] == [30, 20, 10]
        other.commit()

    assert search(replace(model, vectors_changed_at="tuesday"))[1] == [30, 40, 20, 10]


def test_a_damaged_snapshot_is_not_served(model, snapshots_dir):
    build_snapshot(model, layout="hnsw", threads=1)
    [path] = snapshots_dir.glob("*/*/index.faiss")
    path.write_bytes(path.read_bytes()[:-1])
    before = unused("unusable")

    open_now(model)

    assert search(model) == ("PgVectorIndex", [30, 20, 10])
    assert unused("unusable") > before


def test_a_damaged_newer_snapshot_leaves_the_one_that_serves(model, snapshots_dir):
    build(model)
    build_snapshot(model, layout="hnsw", threads=1)
    path = max(snapshots_dir.glob("*/*/index.faiss"))
    path.write_bytes(path.read_bytes()[:-1])
    open_now(model)

    assert search(model)[0] == "SnapshotIndex"


def test_a_newer_snapshot_is_opened_beside_the_requests(model):
    build(model)
    first = index_of(model, deadline=None)
    build_snapshot(model, layout="ivfpq", threads=1)

    index_of(model, deadline=None)  # notices it
    for thread in threading.enumerate():
        if thread.name == "open snapshot":
            thread.join()

    second = index_of(model, deadline=None)
    assert isinstance(second, SnapshotIndex)
    assert (first.opened.manifest.layout, second.opened.manifest.layout) == ("hnsw", "ivfpq")
    assert first.search(EAST, 1, deadline=None, ef_search=10)[0].tolist() == [30]


def test_searches_go_on_while_snapshots_are_swapped(model):
    build(model)
    over, wrong = threading.Event(), []

    def search_on() -> None:
        while not over.is_set():
            try:
                answer = index_of(model, deadline=None).search(EAST, 10, deadline=None, ef_search=10)
                if answer[0].tolist() != [30, 20, 10]:
                    wrong.append(answer)
            except Exception as error:  # noqa: BLE001  whatever it is, the test is to tell
                wrong.append(error)

    threads = [threading.Thread(target=search_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        build(model)
    over.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_versions_are_kept_apart(model):
    other = replace(model, version=2, vectors_table="test_served_others")
    vectors_table.create(other.vectors_table, 2)
    vectors_table.copy_in(other.vectors_table, IDS, -COMPASS, COMPASS)
    vectors_table.build_index(other.vectors_table)
    build(model)
    build(other)

    assert [search(one)[1] for one in (model, other, model)] == [[30, 20, 10], [10, 20, 30], [30, 20, 10]]


def test_a_version_whose_table_was_dropped_is_unavailable(model):
    build(model)
    vectors_table._execute("DROP TABLE {table}", TABLE)
    forget_vectors()
    with pytest.raises(IndexUnavailable):
        search(replace(model, vectors_changed_at="tuesday"))


def test_a_process_that_forgets_opens_it_again(model):
    build(model)
    forget_vectors()
    open_now(model)
    assert search(model)[0] == "SnapshotIndex"


def test_a_search_uses_one_thread_whatever_thread_asks(model):
    build(model)
    used = []

    def ask() -> None:
        search(model)
        used.append(faiss().omp_get_max_threads())

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert used == [1]


@pytest.mark.parametrize("layout", ["hnsw", "ivfpq"])
def test_the_processes_of_a_machine_share_the_pages_of_its_files(layout):
    many = clustered(3000, 16, seed=2)
    vectors_table.create(TABLE, 16)
    vectors_table.copy_in(TABLE, np.arange(3000), many, many)
    build_snapshot(model_of(TABLE), layout=layout, threads=1)

    index = open_now(model_of(TABLE))

    mapped = Path("/proc/self/maps").read_text()
    folder = index.opened.manifest.folder
    assert f"{folder}/index.faiss" in mapped
    assert f"{folder}/items.i64" in mapped


def test_a_sampled_search_is_measured_by_a_thread_of_its_own(model):
    live = replace(model, version=version().pk)
    build(live)
    with overridden(recall_share=1.0):
        search_live(live, EAST, 2, deadline=None, ef_search=10)
        for thread in threading.enumerate():
            if thread.name == "recall sample":
                thread.join()

    [kept] = LiveRecall.objects.all()
    assert (kept.engine, kept.ef_search, kept.samples, kept.recall) == ("faiss-hnsw", 10, 1, 1.0)


def test_a_retired_version_leaves_no_log_of_changes_and_no_files(model, snapshots_dir):
    retired = version()
    old = replace(model, version=retired.pk, vectors_table=retired.vectors_table)
    build_snapshot(old, layout="hnsw", threads=1)
    drop_tables(retired)

    rebuild_if_due(model)

    assert [path.name for path in snapshots_dir.iterdir() if path.is_dir()] == [TABLE]
    with psycopg.connect(_conninfo()) as other:
        assert other.execute("SELECT to_regclass(%s)", [f"{retired.vectors_table}_changes"]).fetchone() == (
            None,
        )


def _conninfo() -> str:
    connection.ensure_connection()
    return connection.connection.info.dsn
