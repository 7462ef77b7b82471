"""A snapshot answers as the table does, whatever happened to the table since."""

import numpy as np
import pytest

from retrieval.ann import ExactIndex, SnapshotIndex
from retrieval.ann.snapshots import BuildInProgress, SnapshotUnusable, build_snapshot, building, why_due
from retrieval.ann.snapshots import index as searching
from retrieval.config import overridden
from retrieval.offline import vectors_table
from tests.ann.snapshots import model_of
from tests.ann.vectors import clustered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("snapshots_dir")]
TABLE = "test_vectors"
IDS = np.array([10, 20, 30], np.int64)
COMPASS = np.array([[0, 1], [0.8, 0.6], [1, 0]], np.float32)
NORTH, EAST = COMPASS[0], COMPASS[2]


@pytest.fixture
def snapshot() -> SnapshotIndex:
    """Of three items on the plane, as of now."""
    vectors_table.create(TABLE, 2)
    vectors_table.copy_in(TABLE, IDS, COMPASS, COMPASS)
    build_snapshot(model_of(TABLE), layout="hnsw", threads=1)
    return SnapshotIndex.current(model_of(TABLE))


def found(index: SnapshotIndex, towards: np.ndarray = EAST, k: int = 10) -> list[int]:
    return index.search(towards, k, deadline=None)[0].tolist()


def put(item_id: int, vector: np.ndarray) -> None:
    vectors_table.upsert(TABLE, np.array([item_id]), vector[None], vector[None])


def test_what_came_since_is_found(snapshot):
    put(40, EAST)
    assert found(snapshot.brought_up_to_date(None)) == [30, 40, 20, 10]


def test_what_went_since_is_not_found_and_costs_the_answer_no_row(snapshot):
    vectors_table.remove(TABLE, [30])
    assert found(snapshot.brought_up_to_date(None), k=2) == [20, 10]


def test_what_moved_since_is_found_where_it_is_now(snapshot):
    put(10, EAST)
    newer = snapshot.brought_up_to_date(None)

    assert found(newer) == [10, 30, 20]
    assert newer.search(EAST, 1, deadline=None)[1] == pytest.approx([1.0])


def test_what_moved_twice_is_found_where_it_is_now(snapshot):
    put(10, EAST)
    newer = snapshot.brought_up_to_date(None)
    put(10, -EAST)
    assert found(newer.brought_up_to_date(None)) == [30, 20, 10]


def test_what_went_and_came_back_is_found(snapshot):
    vectors_table.remove(TABLE, [30])
    newer = snapshot.brought_up_to_date(None)
    put(30, NORTH)
    assert found(newer.brought_up_to_date(None)) == [20, 10, 30]


def test_an_older_view_goes_on_answering_as_before(snapshot):
    put(40, EAST)
    snapshot.brought_up_to_date(None)
    build_snapshot(model_of(TABLE), layout="hnsw", threads=1)
    build_snapshot(model_of(TABLE), layout="hnsw", threads=1)
    build_snapshot(model_of(TABLE), layout="hnsw", threads=1)

    assert found(snapshot) == [30, 20, 10]


def test_any_sequence_of_changes_leaves_what_an_exact_search_finds():
    rng = np.random.default_rng(4)
    vectors = clustered(400, 16, seed=2)
    vectors_table.create(TABLE, 16)
    vectors_table.copy_in(TABLE, np.arange(300), vectors[:300], vectors[:300])
    build_snapshot(model_of(TABLE), layout="hnsw", threads=1)
    index = SnapshotIndex.current(model_of(TABLE))

    for _ in range(10):
        vectors_table.remove(TABLE, rng.integers(400, size=10))
        moved = np.unique(rng.integers(400, size=10))
        vectors_table.upsert(TABLE, moved, vectors[-len(moved) :], vectors[-len(moved) :])
        index = index.brought_up_to_date(None)

        ids, scores = index.search(vectors[0], 50, deadline=None, ef_search=1000)
        exact_ids, exact_scores = ExactIndex(TABLE).search(vectors[0], 50, deadline=None)
        assert scores == pytest.approx(exact_scores, abs=2e-3)
        assert len(set(ids.tolist()) & set(exact_ids.tolist())) >= 49  # a tie at the end may fall either way


def test_more_changes_than_are_searched_beside_it_make_it_unusable(snapshot):
    put(40, EAST)
    put(50, EAST)
    with overridden(faiss_most_changes=2):
        assert len(found(snapshot.brought_up_to_date(None))) == 5
        put(60, EAST)
        with pytest.raises(SnapshotUnusable, match="More than 2 items changed"):
            snapshot.brought_up_to_date(None)


def test_a_table_that_was_made_again_makes_it_unusable(snapshot):
    vectors_table.create(TABLE, 2)
    with pytest.raises(SnapshotUnusable, match="of another"):
        snapshot.brought_up_to_date(None)


def test_a_snapshot_of_another_version_is_refused(snapshot):
    with pytest.raises(SnapshotUnusable, match="of version 1, not of 2"):
        SnapshotIndex.current(model_of(TABLE, version=2))


@pytest.mark.parametrize("name", ["index.faiss", "items.i64"])
def test_a_damaged_file_is_named(snapshot, snapshots_dir, name):
    [path] = snapshots_dir.glob(f"*/*/{name}")
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)

    with pytest.raises(SnapshotUnusable, match=name):
        SnapshotIndex.current(model_of(TABLE))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', '{"format": 1, "files": {}}'])
def test_a_manifest_that_is_none_is_refused(snapshot, snapshots_dir, text):
    (snapshots_dir / TABLE / "current.json").write_text(text)
    with pytest.raises(SnapshotUnusable, match="build it anew"):
        SnapshotIndex.current(model_of(TABLE))


def test_where_faiss_fails_postgres_answers(snapshot, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Error in virtual void faiss::IndexHNSW::search")

    monkeypatch.setattr(searching, "nearest", fail)
    assert found(snapshot) == [30, 20, 10]


def test_of_two_builds_on_a_machine_the_second_gives_way(snapshot):
    with building._alone(), pytest.raises(BuildInProgress):
        build_snapshot(model_of(TABLE), layout="hnsw", threads=1)


def test_a_build_that_fails_leaves_the_one_before(snapshot, snapshots_dir, monkeypatch):
    def fail(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(building, "_read", fail)
    with pytest.raises(MemoryError):
        build_snapshot(model_of(TABLE), layout="hnsw", threads=1)

    assert found(SnapshotIndex.current(model_of(TABLE))) == [30, 20, 10]
    assert len(list(snapshots_dir.glob("*/*/"))) == 1


def test_the_one_before_is_kept_for_who_is_about_to_open_it(snapshot, snapshots_dir):
    for _ in range(4):
        build_snapshot(model_of(TABLE), layout="hnsw", threads=1)
    assert len([path for path in (snapshots_dir / TABLE).iterdir() if path.is_dir()]) == 2


def test_a_fresh_snapshot_will_do(snapshot):
    assert why_due(model_of(TABLE)) == ""


def test_a_snapshot_is_due_when_many_items_changed(snapshot):
    put(40, EAST)
    put(50, EAST)
    with overridden(faiss_most_changes=2):
        assert "2 items changed" in why_due(model_of(TABLE))


def test_a_snapshot_is_due_when_it_is_old_and_anything_changed(snapshot):
    with overridden(faiss_rebuild_s=0):
        assert why_due(model_of(TABLE)) == ""
        put(40, EAST)
        assert "1 items changed" in why_due(model_of(TABLE))


def test_a_snapshot_is_due_when_another_layout_is_wanted(snapshot):
    with overridden(faiss_layout="ivfpq"):
        assert "FAISS_LAYOUT" in why_due(model_of(TABLE))


def test_a_snapshot_is_due_where_there_is_none():
    assert "There is no snapshot" in why_due(model_of("no_such_table"))
