"""Files into the catalogue by hand: looked at first, then imported, each refused row with its reason."""

import csv
import gzip
import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from api.models import ApiKey
from catalog.imports import ImportFileError
from catalog.models import ImportRun as CommandRun
from catalog.models import Interaction, Item, User
from console.data import storing
from console.data.import_list import newest
from console.data.running import run_import, tidy
from console.models import BadLine, ImportPiece, ImportRun
from console.tasks import import_file
from tests.catalog.people import add_cast
from tests.console.staff import logged_in, staff_who_may

pytestmark = pytest.mark.django_db
ADD = "/admin/console/importrun/add/"
ITEMS = b"item_id,title,published_at\nran,Ran,1985-06-01\n,Nameless,\nkolya,Kolya,never\nbrazil,Brazil,1985-02-20\n"


@pytest.fixture(autouse=True)
def _worker_at_hand(monkeypatch):
    """The task runs at once, as a worker would run it."""
    monkeypatch.setattr(import_file, "delay", run_import)


def upload(client: Client, name: str = "films.csv", body: bytes = ITEMS, kind: str = "items", **more: str):
    return client.post(ADD, {"kind": kind, "file": SimpleUploadedFile(name, body), **more})


def page_of(run: ImportRun) -> str:
    return f"/admin/console/importrun/{run.pk}/change/"


def test_an_upload_shows_what_would_be_read_and_refused_and_writes_nothing():
    client = logged_in()
    upload(client)
    run = ImportRun.objects.get()

    shown = client.get(page_of(run)).content.decode()

    assert run.preview["rows"][0] == ["2", "ran", "Ran", "1985-06-01 00:00:00+00:00"]
    assert run.preview["bad"] == [
        [3, "item_id", "Missing."],
        [4, "published_at", "Neither an ISO 8601 time nor seconds since 1970."],
    ]
    assert run.preview["counts"] == {"created": 2, "rejected": 2}
    assert "Brazil" in shown
    assert not Item.objects.exists()


def test_after_a_yes_the_good_rows_land_and_the_refused_ones_can_be_fetched():
    client = logged_in()
    upload(client)
    run = ImportRun.objects.get()

    client.post(page_of(run), {"why": "The new films."})

    run.refresh_from_db()
    assert (run.state, run.progress, run.counts) == ("done", 1.0, {"created": 2, "rejected": 2})
    assert set(Item.objects.values_list("external_id", flat=True)) == {"ran", "brazil"}
    report = b"".join(client.get(f"/admin/console/importrun/{run.pk}/report/").streaming_content)
    assert [json.loads(line)["line"] for line in report.splitlines()] == [3, 4]
    assert "Why: The new films." in LogEntry.objects.get().get_change_message()


def test_when_it_is_over_neither_the_file_nor_the_preview_is_left():
    client = logged_in()
    upload(client)
    run = ImportRun.objects.get()
    assert ImportPiece.objects.exists()

    client.post(page_of(run), {"why": "x"})

    run.refresh_from_db()
    assert (run.preview, ImportPiece.objects.exists()) == ({}, False)


def test_what_is_thrown_away_is_gone_without_a_trace_in_the_catalogue():
    client = logged_in()
    upload(client)

    client.post(page_of(ImportRun.objects.get()), {"cancel": "1", "why": ""})

    assert ImportRun.objects.get().state == "cancelled"
    assert (ImportPiece.objects.count(), Item.objects.count()) == (0, 0)


def test_events_are_imported_from_a_compressed_file_with_who_is_new():
    add_cast()
    lines = [{"user_id": "zoe", "item_id": "fargo", "type": "like", "occurred_at": "2026-01-01"}]
    client = logged_in()

    upload(
        client,
        "events.jsonl.gz",
        gzip.compress(json.dumps(lines[0]).encode()),
        kind="events",
        create_missing="on",
    )
    client.post(page_of(ImportRun.objects.get()), {"why": "x"})

    assert Interaction.objects.get().user == User.objects.get(external_id="zoe")


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", "C:\\films\\films.csv", "a\x00b\n.csv", "/films.csv"]
)
def test_a_name_leads_nowhere(name, monkeypatch):
    seen: list[Path] = []
    monkeypatch.setattr(storing, "refuse_bomb", seen.append)

    with storing.laid_out(iter([b"x"]), storing.ending_of(name)) as path:
        assert path.name == "upload.csv"
        assert path.parent.stat().st_mode & 0o077 == 0, "nobody else may look into it"
    assert not path.parent.exists()
    assert not set(storing.shown_name(name)) & set("/\\\x00\n")


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("films.exe", b"x", "must end in one of"),
        ("films.csv", b"title\nRan\n", "no column item_id"),
        ("films.parquet", b"x", "not Parquet"),
        ("films.csv.gz", b"x", "damaged"),
    ],
)
def test_what_is_no_import_is_refused_with_its_reason_and_not_kept(name, body, reason):
    shown = upload(logged_in(), name, body).content.decode()

    assert reason in shown
    assert not ImportRun.objects.exists()


def test_an_archive_that_would_fill_the_memory_is_refused(monkeypatch, tmp_path):
    bomb = io.BytesIO()
    np.savez_compressed(bomb, vector=np.zeros(100_000, np.float32))
    (tmp_path / "x.npz").write_bytes(bomb.getvalue())
    monkeypatch.setattr(storing, "_UNPACKED_BYTES", 100_000)

    with pytest.raises(ImportFileError, match="split it"):
        storing.refuse_bomb(tmp_path / "x.npz")


def test_only_staff_may_send_large_bodies_and_only_so_large(settings, console_files):
    from console.config import config

    settings.CONSOLE = {**settings.CONSOLE, "import_max_bytes": 1000}
    config.cache_clear()
    file = {"file": SimpleUploadedFile("a.csv", b"x" * 1_200_000), "kind": "items"}

    assert logged_in().post(ADD, file).status_code == 400
    assert "split it" in upload(logged_in(ada()), body=b"x" * 2000).content.decode()
    config.cache_clear()
    file["file"].seek(0)
    assert Client().post("/admin/login/", file).status_code == 400


def ada():
    from django.contrib.auth.models import User as Staff

    return Staff.objects.get(username="ada")


def test_a_file_that_was_changed_meanwhile_fails_and_says_so():
    upload(logged_in())
    run = ImportRun.objects.get()
    ImportPiece.objects.update(body=b"item_id\nother\n")
    ImportRun.objects.update(state="waiting")

    run_import(run.pk)

    run.refresh_from_db()
    assert (run.state, Item.objects.exists()) == ("failed", False)
    assert "not whole" in run.error


def test_what_nobody_confirms_is_forgotten_after_a_day_and_refused_rows_after_a_month():
    upload(logged_in())
    run = ImportRun.objects.get()
    BadLine.objects.create(run=run, line=1, field="", reason="x")
    ImportRun.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))

    assert tidy(timezone.now()) == 1
    assert (ImportPiece.objects.exists(), BadLine.objects.exists()) == (False, True)
    tidy(timezone.now() + timedelta(days=30))
    assert not BadLine.objects.exists()


def test_who_may_only_look_imports_nothing():
    upload(logged_in())
    run = ImportRun.objects.get()
    client = logged_in(staff_who_may("console.view_importrun"))

    assert client.get(page_of(run)).status_code == 200
    assert client.get(ADD).status_code == upload(client).status_code == 403
    assert client.post(page_of(run), {"why": "x"}).status_code == 403


def test_the_list_has_what_was_uploaded_and_what_came_by_command_the_newest_first():
    client = logged_in()
    upload(client)
    client.post(page_of(ImportRun.objects.get()), {"why": "x"})
    earlier = timezone.now() - timedelta(hours=1)
    times = {"began_at": earlier, "ended_at": earlier}
    by_command = CommandRun.objects.create(
        kind="events", file="e.csv", rows=14, refused=13, first_problem="line 2: user_id: Unknown.", **times
    )
    CommandRun.objects.create(kind="users", file="whole.csv", rows=9, refused=0, **times)

    listed = newest(refused_only=False)
    shown = client.get("/admin/console/importrun/?refused=1").content.decode()

    assert [(line.file, line.rows, line.refused) for line in listed] == [
        ("films.csv", 4, 2),
        ("whole.csv", 9, 0),
        ("e.csv", 14, 13),
    ]
    assert "whole.csv" not in shown
    assert "First refused: line 2: user_id: Unknown." in shown
    assert client.get(f"/admin/catalog/importrun/{by_command.pk}/change/").status_code == 200
    assert client.get("/admin/catalog/importrun/").url == "/admin/console/importrun/"


def test_what_a_key_sends_in_lists_is_an_import_with_its_report():
    _, key = ApiKey.objects.create_key(name="Feed", scopes=["admin"])
    api = Client(headers={"authorization": f"Api-Key {key}"})
    asked = {"content_type": "application/json"}
    rows = [{"item_id": "ran"}, {"item_id": "kolya", "=cmd|x": 1}, {"title": "Nameless"}]

    first = api.put("/api/v1/items", rows, **asked)
    api.put("/api/v1/items", {"items": [{"item_id": "brazil"}]}, **asked)
    api.put("/api/v1/items", {"item_id": "alone"}, **asked)
    api.post("/api/v1/events", [{"user_id": "nobody", "item_id": "ran", "type": "click"}], **asked)

    staff = logged_in()
    by_kind = {line.kind: line for line in newest(refused_only=True)}
    line = by_kind["items"]
    assert (first.status_code, line.file, line.by, line.state) == (
        207,
        "Feed:",
        "through the API",
        "under way",
    )
    assert (line.rows, line.refused, by_kind["events"].refused) == (4, 2, 1)
    shown = staff.get(line.page).content.decode()
    assert "all 2 refused rows" in shown
    assert first.json()["request_id"] in shown
    report = f"{line.page.removesuffix('change/')}report/"
    lines = b"".join(staff.get(report).streaming_content).splitlines()
    assert [json.loads(one)["line"] for one in lines] == [1, 2]
    table = list(
        csv.reader(io.StringIO(b"".join(staff.get(f"{report}?format=csv").streaming_content).decode()))
    )
    assert table[0] == ["request_id", "line", "field", "reason"]
    assert table[1][1:3] == ["1", "'=cmd|x"], "no formula"


def test_refused_rows_of_an_upload_come_as_csv_too():
    client = logged_in()
    upload(client)
    run = ImportRun.objects.get()
    client.post(page_of(run), {"why": "x"})

    answer = client.get(f"/admin/console/importrun/{run.pk}/report/?format=csv")

    assert answer["Content-Type"].startswith("text/csv")
    assert b"".join(answer.streaming_content).splitlines()[1] == b"3,item_id,Missing."
