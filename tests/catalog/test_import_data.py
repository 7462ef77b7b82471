"""The command, on the column layout of the evaluation data sets."""

import gzip
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.event_types import event_types
from catalog.imports import KINDS
from catalog.models import Creator, EventType, Follow, ImportRun, Interaction, Item, User
from catalog.partitions import default_partition_rows
from tests.catalog.people import add_cast, history_of

pytestmark = pytest.mark.django_db


def run(kind: str, path: Path, content: str, *options: str) -> str:
    path.write_text(content)
    out = StringIO()
    call_command("import_data", kind, str(path), *options, stdout=out)
    return out.getvalue()


def test_users_with_ages_and_columns_of_their_own(tmp_path: Path):
    run("users", tmp_path / "u.csv", "user_id,age,gender,occupation\n-12,24,M,technician\n2,53,F,\n3,old,,\n")

    users = User.objects.order_by("external_id").values_list("external_id", "age_group", "attributes")
    assert list(users) == [
        ("-12", "18-24", {"gender": "M", "occupation": "technician"}),
        ("2", "45-54", {"gender": "F"}),
    ]


def test_items_with_tags_dates_and_creators(tmp_path: Path):
    run(
        "items",
        tmp_path / "i.csv",
        'item_id,title,published_at,tags,creator_id\n1,"Fargo (1996)",1996-02-14,Crime|Drama,coens\n2,Heat,,,\n',
    )

    fargo = Item.objects.get(external_id="1")
    assert (fargo.title, fargo.tags, fargo.attributes) == ("Fargo (1996)", ["Crime", "Drama"], {})
    assert fargo.published_at is not None
    assert fargo.published_at.isoformat() == "1996-02-14T00:00:00+00:00"
    assert fargo.creator == Creator.objects.get(external_id="coens")
    assert Item.objects.get(external_id="2").published_at is None


def test_follows_of_users_who_are_known_or_made(tmp_path: Path):
    add_cast()
    rows = "user_id,friend_id\nalice,bob\nalice,carol\n"

    told = run("follows", tmp_path / "f.csv", rows)
    assert "line 3: friend_id: Unknown user." in told

    run("follows", tmp_path / "f.csv", rows, "--create-missing")
    assert set(Follow.objects.values_list("followee__external_id", flat=True)) == {"bob", "carol"}


def test_events_of_old_months_get_partitions_of_their_own(tmp_path: Path):
    add_cast()

    run(
        "events",
        tmp_path / "e.csv",
        "user_id,item_id,type,occurred_at\nalice,heat,view,1997-09-22T21:57:58Z\n",
    )

    assert Interaction.objects.get().occurred_at.year == 1997
    assert default_partition_rows() == 0


def test_an_unknown_type_is_a_bad_row_unless_it_may_be_created(tmp_path: Path):
    add_cast()
    rows = "user_id,item_id,type,value,occurred_at\nalice,heat,listen,13883,2011-05-09T00:00:00Z\n"

    told = run("events", tmp_path / "e.csv", rows)
    assert "line 2: type: Unknown event type." in told

    run("events", tmp_path / "e.csv", rows, "--create-types")
    assert EventType.objects.get(name="listen").weight == 1.0
    assert history_of("alice") == ["heat"]


def test_what_is_no_name_is_not_created_as_a_type(tmp_path: Path):
    add_cast()

    told = run(
        "events",
        tmp_path / "e.csv",
        "user_id,item_id,type\nalice,heat,<b>\nbob,heat,view\n",
        "--create-types",
    )

    assert "line 2: type: Unknown event type." in told
    assert EventType.objects.count() == 8


def test_unknown_users_and_items_are_made_when_asked_for(tmp_path: Path):
    run(
        "events",
        tmp_path / "e.jsonl",
        '{"user_id": -9223121837663643404, "item_id": 8078873160882064481, "type": "view"}\n',
        "--create-missing",
    )

    assert history_of("-9223121837663643404") == ["8078873160882064481"]


def test_a_dry_run_finds_the_bad_rows_and_writes_nothing(tmp_path: Path):
    add_cast()
    rows = "user_id,item_id,type,occurred_at\nalice,new,listen,1997-09-22T21:57:58Z\nbob,heat,view,never\n"

    told = run("events", tmp_path / "e.csv", rows, "--dry-run", "--create-missing", "--create-types")

    assert "line 3: occurred_at: Neither an ISO 8601 time nor seconds since 1970." in told
    assert "A dry run: nothing was written." in told
    assert not Interaction.objects.exists()
    assert not ImportRun.objects.exists()
    assert not Item.objects.filter(external_id="new").exists()
    assert not EventType.objects.filter(name="listen").exists()
    assert "listen" not in event_types().ids


def test_the_report_names_every_bad_row(tmp_path: Path):
    add_cast()
    rows = "user_id,item_id,type\n" + "nobody,heat,view\n" * 12 + "alice,heat,view\n,heat,view\n"

    told = run("events", tmp_path / "e.csv", rows, "--report", str(tmp_path / "bad.jsonl"))

    report = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert report[0] == {"line": 2, "field": "user_id", "reason": "Unknown user."}
    assert report[12] == {"line": 15, "field": "user_id", "reason": "Missing."}
    assert len(report) == 13
    assert "line 2" not in told
    kept = ImportRun.objects.get()
    assert (kept.kind, kept.file, kept.rows, kept.refused) == ("events", "e.csv", 14, 13)
    assert kept.first_problem == "line 2: user_id: Unknown user."
    assert [(row.line, row.field) for row in kept.refused_rows.order_by("id")] == [
        (line, "user_id") for line in (*range(2, 14), 15)
    ]


def test_an_import_that_ends_early_is_kept_with_how_far_it_came(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(KINDS, "items", replace(KINDS["items"], batch_rows=2))
    lines = "".join(json.dumps({"item_id": n}) + "\n" for n in range(4))
    (tmp_path / "i.jsonl.gz").write_bytes(gzip.compress(lines.encode()) + b"no gzip")

    with pytest.raises(CommandError, match="damaged"):
        call_command("import_data", "items", str(tmp_path / "i.jsonl.gz"), stdout=StringIO())

    kept = ImportRun.objects.get()
    assert "damaged" in kept.error
    assert (kept.rows, Item.objects.count()) == (4, 4)


def test_without_a_report_the_first_bad_rows_are_shown(tmp_path: Path):
    told = run("events", tmp_path / "e.csv", "user_id,item_id,type\n" + "nobody,heat,view\n" * 12)

    assert told.count("Unknown user.") == 10
    assert "--report FILE lists them all" in told


def test_importing_twice_changes_nothing_the_second_time(tmp_path: Path):
    rows = "item_id,title\n1,Fargo\n2,Heat\n"
    run("items", tmp_path / "i.csv", rows)
    before = list(Item.objects.order_by("id").values_list("id", "updated_at"))

    told = run("items", tmp_path / "i.csv", rows)

    assert "unchanged" in told
    assert list(Item.objects.order_by("id").values_list("id", "updated_at")) == before


def test_a_file_that_can_not_be_read_is_a_plain_message(tmp_path: Path):
    with pytest.raises(CommandError, match="no column user_id"):
        run("users", tmp_path / "u.csv", "id,age\n1,24\n")
