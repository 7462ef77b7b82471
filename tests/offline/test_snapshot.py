import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from catalog.models import Item, User
from catalog.partitions import ensure_partitions_for
from coldstart.impressions import IMPRESSIONS, Impression, record_impressions
from retrieval.offline.arrays import read_snapshot
from retrieval.offline.snapshot import SnapshotMissing, write_snapshot
from tests.offline.catalog_world import NOON, event, item, user

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)


def test_an_event_at_the_cutoff_is_the_future_and_absent(tmp_path):
    ann, fargo = user("ann"), item("fargo")
    event(ann, fargo, at=NOON - SECOND)
    event(ann, fargo, at=NOON)
    event(ann, fargo, at=NOON + HOUR)

    write_snapshot(NOON, tmp_path / "1")

    times = pq.read_table(tmp_path / "1" / "events.parquet")["occurred_at_s"].to_pylist()
    assert times == [int((NOON - SECOND).timestamp())]


def test_an_item_published_after_the_cutoff_is_absent(tmp_path):
    old, new, undated = item("old", published_at=NOON - HOUR), item("new", published_at=NOON), item("undated")

    write_snapshot(NOON, tmp_path / "1")

    ids = pq.read_table(tmp_path / "1" / "items.parquet")["item_id"].to_pylist()
    assert ids == [old.id, undated.id]
    assert new.id not in ids


def test_an_item_with_events_is_there_whatever_its_date_says(tmp_path):
    preview = item("preview", published_at=NOON + HOUR)
    event(user("ann"), preview, at=NOON - HOUR)

    write_snapshot(NOON, tmp_path / "1")

    assert read_snapshot(tmp_path / "1").data.item_ids.tolist() == [preview.id]


def test_a_snapshot_once_written_does_not_change(tmp_path):
    event(user("ann"), item("fargo"), at=NOON - HOUR)
    first = write_snapshot(NOON, tmp_path / "1")
    event(user("bob"), item("heat"), at=NOON - HOUR)

    assert write_snapshot(NOON, tmp_path / "1") == first
    assert first["files"]["events"]["rows"] == 1


def test_the_snapshot_of_a_version_of_another_database_is_replaced(tmp_path):
    write_snapshot(NOON, tmp_path / "1", made_for="yesterday")
    event(user("ann"), item("fargo"), at=NOON - HOUR)

    assert write_snapshot(NOON, tmp_path / "1", made_for="today")["files"]["events"]["rows"] == 1


def test_what_an_interrupted_run_left_is_replaced(tmp_path):
    (tmp_path / "1.partial").mkdir()
    (tmp_path / "1.partial" / "events.parquet").write_text("half a file")

    write_snapshot(NOON, tmp_path / "1")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["1"]


def test_a_changed_file_is_refused(tmp_path):
    write_snapshot(NOON, tmp_path / "1")
    manifest = tmp_path / "1" / "manifest.json"
    changed = json.loads(manifest.read_text())
    changed["files"]["users"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(changed))

    with pytest.raises(SnapshotMissing, match="users"):
        read_snapshot(tmp_path / "1")


def test_a_missing_snapshot_says_what_to_do():
    with pytest.raises(SnapshotMissing, match="run the snapshot step"):
        read_snapshot(Path("/nowhere"))


def test_arrays_hold_events_by_user_and_time_with_weights_and_features(tmp_path):
    ann, bob = user("ann", age_group="25-34"), user("bob", location="Fargo")
    fargo = item(
        "fargo", title="Fargo", tags=["Crime"], category="film", creator="coen", published_at=NOON - HOUR
    )
    heat = item("heat", active=False)
    event(bob, heat, "dislike", at=NOON - 3 * HOUR)
    event(ann, heat, "view", at=NOON - HOUR)
    event(ann, fargo, "like", at=NOON - 2 * HOUR)

    write_snapshot(NOON, tmp_path / "1")
    arrays = read_snapshot(tmp_path / "1")

    data = arrays.data
    assert arrays.user_ids.tolist() == [ann.id, bob.id]
    assert data.item_ids.tolist() == [fargo.id, heat.id]
    assert data.user_index.tolist() == [0, 0, 1]
    assert data.item_index.tolist() == [0, 1, 1]
    assert data.weight.tolist() == [3.0, 1.0, -3.0]
    assert data.tags == [("Crime",), ()]
    assert (data.creator, data.category, data.title) == (["coen", ""], ["film", ""], ["Fargo", ""])
    assert data.published_at_s.tolist() == [int((NOON - HOUR).timestamp()), 0]
    assert (data.age_group, data.location) == (["25-34", ""], ["", "Fargo"])
    assert arrays.active.tolist() == [True, False]


def test_a_user_without_events_is_not_in_the_arrays(tmp_path):
    user("lurker")
    event(user("ann"), item("fargo"), at=NOON - HOUR)

    write_snapshot(NOON, tmp_path / "1")

    assert read_snapshot(tmp_path / "1").data.n_users == 1


def test_the_past_can_be_cut_out_of_a_snapshot(tmp_path):
    ann, fargo = user("ann"), item("fargo")
    event(ann, fargo, at=NOON - 2 * HOUR)
    event(ann, fargo, at=NOON - HOUR)
    write_snapshot(NOON, tmp_path / "1")

    past = read_snapshot(tmp_path / "1").before(int((NOON - HOUR).timestamp()))

    assert len(past.data) == 1


def shown(who: User, what: Item, *, at: dt.datetime) -> None:
    ensure_partitions_for([at], of=IMPRESSIONS)
    rows = [Impression(f"{who}-{what}", who.external_id, what.external_id, 1, shown_at=at)]
    assert {result.status for result in record_impressions(rows, now=at)} == {"accepted"}


def test_what_was_shown_and_left_is_there_for_a_training_that_asks_for_it(tmp_path):
    ann, fargo, heat, alien = user("ann"), item("fargo"), item("heat"), item("alien")
    for what in (fargo, heat):
        shown(ann, what, at=NOON - 2 * HOUR)
    shown(ann, alien, at=NOON)
    event(ann, fargo, at=NOON - HOUR)

    write_snapshot(NOON, tmp_path / "1", with_impressions=True)
    write_snapshot(NOON, tmp_path / "2")

    data = read_snapshot(tmp_path / "1").data
    assert data.item_ids[data.shown_to(np.array([0]))].tolist() == [heat.id]
    assert len(data.before(int((NOON - 3 * HOUR).timestamp())).shown_item) == 0
    assert len(read_snapshot(tmp_path / "2").data.shown_item) == 0


def test_events_come_back_with_the_names_of_their_types(tmp_path):
    ann, fargo, heat = user("ann"), item("fargo"), item("heat")
    event(ann, fargo, "view", at=NOON - HOUR)
    event(ann, heat, "hide", at=NOON - SECOND)

    write_snapshot(NOON, tmp_path / "1")

    data = read_snapshot(tmp_path / "1").data
    named = {data.kind_names[bit] for bit in range(2) if data.kinds[0] >> bit & 1}
    assert sorted(data.kind_names) == ["hide", "view"]
    assert named == {"view"}
