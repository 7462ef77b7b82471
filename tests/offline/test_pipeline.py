import datetime as dt

import numpy as np
import pytest

from retrieval import versions
from retrieval.ann import ExactIndex
from retrieval.models import ModelVersion
from retrieval.offline import evaluating, gates, pipeline, snapshot, vectors_table
from retrieval.offline.evaluating import GatesFailed
from tests.offline.catalog_world import NOON, event, item, user
from tests.offline.islands import CONFIG, DIM, N_ITEMS, two_islands

pytestmark = pytest.mark.django_db
State = ModelVersion.State


def build(*, until: str = "promoting", cutoff: dt.datetime = NOON) -> ModelVersion:
    version_id = pipeline.start(cutoff, dim=DIM, config=CONFIG)
    pipeline.run(version_id, until=until)
    return ModelVersion.objects.get(id=version_id)


def test_events_become_a_live_version():
    two_islands()

    version = build()

    assert version.state == State.LIVE
    assert version.done_steps == list(pipeline.STEPS)
    assert versions.live_model().version == version.id
    assert len(vectors_table.item_ids(version.vectors_table)) == N_ITEMS


def test_items_of_one_island_lie_together():
    _, items = two_islands()

    version = build()

    index = ExactIndex(version.vectors_table)
    _, vectors = index.item_vectors(np.array([items[0].id]), deadline=None)
    nearest, _ = index.search(vectors[0], N_ITEMS // 2, deadline=None)
    even = {one.id for one in items[::2]}
    assert len(even & set(nearest.tolist())) >= 19


def test_a_run_stopped_between_steps_goes_on_where_it_was():
    two_islands()
    version = build(until="training")
    assert version.state == State.BUILDING
    heard = []

    pipeline.run(version.id, on_step=lambda step, report: heard.append(step))

    assert heard[::2] == [
        "relating",
        "factorizing",
        "connecting",
        "sequencing",
        "embedding",
        "indexing",
        "evaluating",
        "warming",
        "promoting",
    ]


@pytest.mark.parametrize("step", pipeline.STEPS)
def test_each_step_can_run_twice(step):
    two_islands()
    version = build(until=step)
    rows = version.done_steps

    version.done_steps = rows[:-1]
    version.save()
    pipeline.run(version.id, until=step)

    version.refresh_from_db()
    assert version.done_steps == rows


def test_a_failed_gate_ends_the_version_and_nothing_goes_live(monkeypatch):
    two_islands()
    version = build(until="indexing")
    vectors_table.remove(version.vectors_table, vectors_table.item_ids(version.vectors_table)[:1])

    with pytest.raises(GatesFailed, match="rows is 39, must be = 40"):
        pipeline.run(version.id)

    version.refresh_from_db()
    assert (version.state, versions.live_model()) == (State.FAILED, None)
    assert "rows is 39" in version.error
    with pytest.raises(pipeline.NotResumable, match="failed"):
        pipeline.run(version.id)


def test_a_crash_leaves_the_step_to_be_done_again(snapshots_in):
    two_islands()
    version = build(until="snapshot")
    (snapshots_in / str(version.id) / "manifest.json").unlink()

    with pytest.raises(snapshot.SnapshotMissing):
        pipeline.run(version.id)

    version.refresh_from_db()
    assert (version.state, version.done_steps) == (State.BUILDING, ["snapshot"])
    assert version.error.startswith("training: No snapshot")


def test_an_item_that_came_after_the_snapshot_is_placed_by_its_content():
    _, items = two_islands()
    version = build(until="training")
    newcomer = item("newcomer", tags=["odd"])

    pipeline.run(version.id)

    index = ExactIndex(version.vectors_table)
    _, vectors = index.item_vectors(np.array([newcomer.id]), deadline=None)
    nearest, _ = index.search(vectors[0], 11, deadline=None)
    odd = {one.id for one in items[1::2]} | {newcomer.id}
    assert len(odd & set(nearest.tolist())) >= 10


def test_an_inactive_item_is_not_searched():
    _, items = two_islands()
    items[0].active = False
    items[0].save()

    version = build()

    assert items[0].id not in vectors_table.item_ids(version.vectors_table).tolist()


def test_a_second_version_takes_over_and_the_third_retires_the_first(snapshots_in):
    two_islands()

    first, second, third = build(), build(), build()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, third.state) == (State.RETIRED, State.READY, State.LIVE)
    assert sorted(folder.name for folder in snapshots_in.iterdir()) == sorted([str(second.id), str(third.id)])


def test_the_report_tells_of_every_step():
    two_islands()

    report = build().report

    assert set(pipeline.STEPS) <= set(report)
    assert [gate["name"] for gate in report["evaluating"]["gates"]] == [
        "rows",
        "export parity",
        "index recall@400",
        "holdout recall@100",
    ]
    assert all(report[step]["seconds"] >= 0 for step in pipeline.STEPS)


def test_without_likes_there_is_nothing_to_learn():
    event(user("ann"), item("fargo"), "dislike", at=NOON - dt.timedelta(hours=1))

    with pytest.raises(Exception, match="liked anything"):
        build()


def test_a_missing_parity_figure_fails_its_gate():
    assert not gates.parity_gate(ModelVersion(report={"training": {}})).passed


def test_evaluating_makes_a_version_ready():
    two_islands()
    version = build(until="indexing")

    evaluating.run(version.id)

    version.refresh_from_db()
    assert version.state == State.READY


def test_step_by_step_is_the_same_path():
    two_islands()
    version_id = pipeline.start(NOON, dim=DIM, config=CONFIG)

    more = [pipeline.run_next(version_id) for _ in pipeline.STEPS]

    assert more == [True] * (len(pipeline.STEPS) - 1) + [False]
    assert versions.live_model().version == version_id


def test_scheduled_twice_it_names_the_same_version():
    event(user("ann"), item("fargo"), at=NOON - dt.timedelta(hours=1))

    first, second = pipeline.tonight(NOON), pipeline.tonight(NOON + dt.timedelta(minutes=1))
    next_night = pipeline.tonight(NOON + dt.timedelta(days=1))

    assert first == second
    assert next_night not in (None, first)


def test_a_finished_version_is_not_taken_up_again():
    two_islands()
    finished = build()

    assert pipeline.tonight(NOON + dt.timedelta(minutes=1)) != finished.id


def test_an_empty_catalogue_is_not_trained_on():
    assert pipeline.tonight(NOON) is None
