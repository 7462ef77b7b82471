"""Nothing of a person is left anywhere: every table with a user's column, every key, every snapshot's file."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from catalog.models import Block, CreatorFollow, User
from catalog.writing import delete_users
from coldstart.models import Chance, Consent, Explored, Impression, SurveyAnswer
from experiments.models import Experiment, Exposure, Forced, Layer, Outcome, Variant
from retrieval import ahead, erasing, tasks
from retrieval.config import overridden
from retrieval.models import Erasure, ModelVersion, ShareDraw
from retrieval.offline.erased_rows import forget_in_snapshots
from retrieval.offline.snapshot import folder_of, read_manifest, write_snapshot
from retrieval.service import retrieve
from retrieval.types import Request
from retrieval.valkey import client, user_key
from tests.worlds import NOW, World, movie_world, publish_patient_mix

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    """Ann has a row in every table that can have one."""
    world = movie_world()
    publish_patient_mix()
    ann, fargo = world.users["ann"], world.items["fargo"]
    CreatorFollow.objects.create(user_id=ann, creator_id=world.creators["coen"], created_at=NOW)
    Block.objects.create(user_id=ann, tag="snow", created_at=NOW)
    consent = Consent.objects.create(version="1", text="Yes.")
    SurveyAnswer.objects.create(user_id=ann, interest_ids=[1], consent=consent, answered_at=NOW)
    Explored.objects.create(user_id=ann, item_id=fargo, shown_at=NOW)
    Chance.objects.create(user_id=ann, stored_at=NOW)
    shown = {"request_id": "r", "item_id": fargo, "shown_at": NOW, "received_at": NOW, "position": 1}
    Impression.objects.create(user_id=ann, **shown)
    experiment = Experiment.objects.create(name="e", layer=Layer.objects.create(name="l"))
    variant = Variant.objects.create(experiment=experiment, name="v", share_per_10000=10_000)
    arm: dict[str, Any] = {"experiment": experiment, "user_id": ann, "variant": variant}
    Exposure.objects.create(**arm, exposed_at=NOW)
    Outcome.objects.create(**arm, counts=[1.0])
    Forced.objects.create(**arm)
    drawn = {"mix": 1, "segment": "", "arm": "usual", "propensity": 0.5, "drawn_at": NOW, "held_since": NOW}
    ShareDraw.objects.create(user_id=ann, request_id="r", **drawn)
    return world


def tables_with_a_user() -> list[tuple[str, str]]:
    """(table, column) as Postgres has them, whether a model knows them or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN pg_class ON relname = table_name "
            "WHERE table_schema = 'public' AND NOT relispartition AND data_type = 'bigint' "
            "AND column_name ~ '^(user|follower|followee|person)_id$'"
        )
        return [(table, column) for table, column in cursor.fetchall() if not table.startswith("auth_")]


def rows_of(user_id: int) -> dict[str, int]:
    found = {}
    with connection.cursor() as cursor:
        for table, column in tables_with_a_user():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} = %s", [user_id])
            found[f"{table}.{column}"] = cursor.fetchone()[0]
    return found


def keys_of(user: str) -> list[bytes]:
    return list(client().scan_iter(match=f"{settings.TEST_KEY_PREFIX}*{{u:{user}}}*"))


def ask(user: str) -> None:
    retrieve(Request(user=user, k=10, now=NOW))


def erase(user: str) -> Erasure:
    erasure = erasing.erase(user, by="a test", why="asked", now=NOW)
    assert erasure is not None
    return erasure


def test_every_table_with_a_user_is_found_by_itself(world):
    by_models = {(table.name, column) for table in erasing.tables_of_people() for column in table.columns}

    assert set(tables_with_a_user()) == by_models - {("catalog_user", "id")}
    assert min(rows_of(world.users["ann"]).values()) > 0, "the world lacks a row of Ann's in one of them"


def test_nothing_is_left_in_any_table_and_the_receipt_counts_what_was(world):
    events, ann = rows_of(world.users["ann"])["catalog_interaction.user_id"], world.users["ann"]

    erasure = erase("ann")

    assert set(rows_of(ann).values()) == {0}
    assert set(erasure.rows) == {table.name for table in erasing.tables_of_people()}
    # Ann follows ben and cat, and ben follows her.
    assert (erasure.rows["catalog_user"], erasure.rows["catalog_follow"]) == (1, 3)
    assert erasure.rows["catalog_interaction"] == events == 2


def test_the_cache_is_empty_of_them_also_after_a_warm_up(world):
    ask("ann")
    ask("ben")
    ahead.precompute(["ann", "ben"], now=NOW)
    assert len(keys_of("ann")) >= 2
    others = len(keys_of("ben"))

    erase("ann")
    assert erasing.sweep(LATER) == 1
    ahead.precompute(ahead.most_active(NOW), now=NOW)
    ahead.precompute(["ann"], now=NOW)

    assert keys_of("ann") == []
    assert len(keys_of("ben")) == others


def test_what_was_written_meanwhile_is_swept_as_well(world):
    erasure = erase("ann")
    Explored.objects.create(user_id=world.users["ann"], item_id=world.items["heat"], shown_at=NOW)
    client().set(user_key("ann", "c:late"), b"x")

    assert erasing.sweep(NOW) == 0, "what is under way may still write"
    erasing.sweep(LATER)

    erasure.refresh_from_db()
    assert erasure.copies == {"late_rows": 1, "cache_entries": 1}
    assert set(rows_of(world.users["ann"]).values()) == {0}


@pytest.mark.parametrize("name", ["a*n", "[ann]", "a}:b", "a\\n", "ä"])
def test_an_id_is_no_pattern(world, name):
    User.objects.create(external_id=name, created_at=NOW)
    client().set(user_key(name, "c:x"), b"x")
    client().set(user_key("ann", "c:x"), b"x")
    client().set(user_key("a", "c:x"), b"x")

    erase(name)
    erasing.sweep(LATER)

    assert client().get(user_key(name, "c:x")) is None
    assert client().get(user_key("ann", "c:x")) == client().get(user_key("a", "c:x")) == b"x"


def test_the_receipt_knows_the_person_only_by_a_keyed_hash(world):
    User.objects.filter(external_id="ann").update(external_id="ann@example.com")
    erasure = erase("ann@example.com")
    erasing.sweep(LATER)
    erasure.refresh_from_db()

    stored = json.dumps(Erasure.objects.values().get(), default=str)
    assert "ann@example.com" not in stored
    assert erasure.pending_id is None
    assert list(erasing.erasures_of("ann@example.com")) == [erasure]
    with override_settings(SECRET_KEY="another"):
        assert erasing.user_hash("ann@example.com") != erasure.user_hash


def test_who_is_not_there_gets_no_receipt(db):
    assert erasing.erase("nobody", by="a test", why="", now=NOW) is None
    assert not Erasure.objects.exists()


@pytest.fixture
def snapshot(world: World, tmp_path: Path) -> Iterator[ModelVersion]:
    with overridden(snapshots_dir=str(tmp_path)):
        version = ModelVersion.objects.create(cutoff=LATER, state=ModelVersion.State.LIVE)
        write_snapshot(version.cutoff, folder_of(version.id), with_impressions=True)
        yield version


def people_in(version: ModelVersion) -> set[int]:
    names = ("users", "events", "impressions")
    files = [pq.read_table(folder_of(version.id) / f"{name}.parquet") for name in names]
    return {user_id for file in files for user_id in file["user_id"].to_pylist()}


def test_they_leave_the_training_snapshots_which_stay_whole(world, snapshot):
    erase("ann")

    assert forget_in_snapshots(LATER) == 3, (
        "herself and two events; what she engaged with is no impression left"
    )

    assert people_in(snapshot) == {world.users[name] for name in ("ben", "cat", "dan")}
    assert read_manifest(folder_of(snapshot.id))["files"]["users"]["rows"] == 3


def test_a_version_that_is_being_built_keeps_its_snapshot_and_the_receipt_stays_open(
    world, snapshot, monkeypatch
):
    ModelVersion.objects.update(state=ModelVersion.State.BUILDING, created_at=dt.datetime.now(dt.UTC))
    monkeypatch.setattr(tasks.forget_in_training, "apply_async", lambda **_: tasks.forget_in_training())
    erasure = erase("ann")

    tasks.forget_erased_people()
    erasure.refresh_from_db()
    assert erasure.status == "erasing"

    ModelVersion.objects.update(state=ModelVersion.State.LIVE)
    tasks.forget_erased_people()
    erasure.refresh_from_db()
    assert (erasure.status, erasure.copies["snapshot_rows"]) == ("complete", 3)


def test_all_that_is_held_is_exported_with_the_names_that_are_known_outside(world):
    pieces = erasing.held_about("ann", NOW)
    assert pieces is not None
    held = json.loads(b"".join(pieces))

    tables = held["tables"]
    assert set(tables) == {table.name for table in erasing.tables_of_people()}
    assert all(tables.values()), "every table has something of Ann"
    assert {(event["item"], event["user"]) for event in tables["catalog_interaction"]} == {
        ("fargo", "ann"),
        ("heat", "ann"),
    }
    assert [entry["item_id"] for entry in tables["catalog_userhistory"][0]["events"]] == ["heat", "fargo"]
    assert {(row["follower"], row["followee"]) for row in tables["catalog_follow"]} >= {("ben", "ann")}
    delete_users(["ann"])
    assert erasing.held_about("ann", NOW) is None
