"""Who builds a snapshot when: the task, the command, the offline path; and who opens it."""

import subprocess
import sys

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from retrieval import tasks
from retrieval.ann import SnapshotIndex, forget_vectors, index_of
from retrieval.ann.snapshots import build_snapshot, open_now, serving
from retrieval.config import overridden
from retrieval.offline import warming
from retrieval.versions import drop_tables, live_model, pinned, promote
from retrieval.warming import warm_process
from tests.offline.versions_world import fill, version, with_factors_and_sequences

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("snapshots_dir", "served_by_faiss"),
]


def test_the_command_builds_for_the_live_version(capsys):
    live = version()
    fill(live, {10: [1, 0], 20: [0, 1]})
    promote(live.pk)

    call_command("snapshot_vectors")
    call_command("snapshot_vectors", if_due=True)

    assert f"{live.vectors_table}: 2 vectors as hnsw" in (said := capsys.readouterr().out)
    assert "will do" in said


def test_the_task_builds_where_faiss_is_asked_for(snapshots_dir):
    live = version()
    fill(live, {10: [1, 0], 20: [0, 1]})
    promote(live.pk)

    with overridden(vector_engine="pgvector"):
        tasks.snapshot_vectors()
    assert not list(snapshots_dir.glob("*/current.json"))
    tasks.snapshot_vectors()
    assert [path.parent.name for path in snapshots_dir.glob("*/current.json")] == [live.vectors_table]


def test_all_that_a_source_searches_has_one_and_what_is_kept_whole_has_none(snapshots_dir):
    live = version()
    fill(live, {10: [1, 0], 20: [0, 1]})
    with_factors_and_sequences(live, {10: [0, 1], 30: [1, 0]})
    promote(live.pk)

    # Of so few rows all are kept. How many there are is what the planner knows.
    with overridden(vectors_cache_mb=1), connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {live.factors_table}")
        tasks.snapshot_vectors()
        built = {path.parent.name for path in snapshots_dir.glob("*/current.json")}
        assert built == {live.vectors_table, live.sequence_table}
    tasks.snapshot_vectors()

    assert isinstance(open_now(live_model().of_sequence), SnapshotIndex)
    assert isinstance(open_now(live_model().of_factors), SnapshotIndex)
    factors = index_of(live_model().of_factors, deadline=None)
    assert isinstance(factors, SnapshotIndex)
    assert factors.search(np.array([1, 0], np.float32), 1, deadline=None)[0].tolist() == [30]


def test_a_retired_version_leaves_no_table(snapshots_dir):
    retired = version()
    with_factors_and_sequences(retired, {10: [0, 1]})
    with pinned(retired):
        for part in live_model().searched():
            build_snapshot(part, layout="hnsw", threads=1)

    drop_tables(retired)

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname ~ %s", [f"_v{retired.pk}(_|$)"])
        assert cursor.fetchall() == []


def test_a_version_is_searched_by_its_snapshots_from_its_promotion_on():
    coming = version()
    fill(coming, {10: [1, 0], 20: [0, 1]})
    with_factors_and_sequences(coming, {10: [0, 1]})

    report = warming._snapshot_vectors(coming)
    promote(coming.pk)

    assert report["vector_snapshot_s"] > 0
    for part in live_model().searched():
        assert isinstance(index_of(part, deadline=None), SnapshotIndex)


def test_a_process_that_starts_opens_it_before_its_first_request(monkeypatch):
    live = version()
    fill(live, {10: [1, 0], 20: [0, 1]})
    promote(live.pk)
    call_command("snapshot_vectors")
    forget_vectors()

    warm_process()

    monkeypatch.setattr(serving, "_LOOK_EVERY_S", 1e9)  # whoever looks only now finds nothing
    assert isinstance(index_of(live_model(), deadline=None), SnapshotIndex)


@pytest.mark.parametrize("order", ["faiss, torch", "torch, faiss"])
def test_faiss_and_torch_compute_in_one_process(order):
    """Each brings an OpenMP of its own; where two of them clash, the process dies or hangs."""
    script = f"import {order}, numpy\n" + (
        "index = faiss.IndexFlatIP(8); index.add(numpy.eye(8, dtype='f4').repeat(4000, 0))\n"
        "for _ in range(3):\n"
        "    layer = torch.nn.Linear(256, 256); layer(torch.ones(512, 256)).sum().backward()\n"
        "    index.search(numpy.eye(8, dtype='f4').repeat(50, 0), 5)\n"
        "print('both')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, text=True, timeout=100
    )
    assert (done.returncode, done.stdout) == (0, "both\n"), done.stderr
