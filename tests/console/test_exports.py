"""Data out by hand, and the partitions; what is exported can be imported again."""

import io
import json
from datetime import timedelta

import pyarrow.parquet as pq
import pytest
from django.contrib.admin.models import LogEntry

from catalog.imports import KINDS, Options, import_rows, open_source
from catalog.models import CreatorFollow, Interaction, Item, User
from console.data import exporting
from console.data.exporting import EXPORTS, export
from console.data.partitions import all_partitions
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db
PAGE = "/admin/console/datapage/"
FOREVER = {"since": NOW - timedelta(days=365), "until": NOW + timedelta(days=1)}
FORM = {"do": "export", "kind": "items", "format": "csv", "most": "100", "since": "", "until": "", "why": "x"}


@pytest.fixture
def world():
    world = movie_world()
    CreatorFollow.objects.create(
        user_id=world.users["ann"], creator_id=world.creators["coen"], created_at=NOW
    )
    return world


def exported(kind: str, name: str, most: int = 1000) -> bytes:
    return b"".join(export(kind, name, most=most, **FOREVER))


def rows_of_all() -> dict[str, list[bytes]]:
    """In an order that does not go by internal ids."""
    return {kind: sorted(exported(kind, "jsonl").splitlines()) for kind in EXPORTS}


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_what_is_exported_can_be_imported_again_and_is_the_same(world, name, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_PAGE", 2)  # so that pages follow each other
    before = rows_of_all()
    files = {kind: exported(kind, name) for kind in EXPORTS}
    Interaction.objects.all().delete()
    Item.objects.all().delete()
    User.objects.all().delete()

    for kind in ("users", "items", "follows", "creator follows", "events"):
        path = tmp_path / f"{kind}.{name}"
        path.write_bytes(files[kind])
        importing = KINDS["follows" if "follows" in kind else kind]
        bad: list[object] = []
        counts = import_rows(
            importing, open_source(path, importing.required), Options(now=NOW), on_bad=bad.append
        )
        assert (bad, counts.total() > 0) == ([], True)

    assert rows_of_all() == before


def test_a_spreadsheet_runs_nothing(world):
    Item.objects.update(title='=HYPERLINK("http://x")', description="-1+1", category="@SUM(A1)")

    for line in exported("items", "csv").decode().splitlines()[1:]:
        assert ",\"'=HYPERLINK" in line
        assert ",'-1+1," in line
        assert ",'@SUM(A1)," in line


def test_no_more_rows_than_asked_for(world, monkeypatch):
    monkeypatch.setattr(exporting, "_PAGE", 2)
    assert len(exported("items", "jsonl", most=3).splitlines()) == 3
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    assert len(exported("items", "jsonl", most=3).splitlines()) == 1


def test_types_survive_in_parquet(world):
    table = pq.read_table(io.BytesIO(exported("events", "parquet")))

    assert str(table.schema.field("occurred_at").type) == "timestamp[us, tz=UTC]"
    assert len(table) == 6


def test_the_page_sends_a_file_and_remembers_who_why(world):
    answer = logged_in().post(PAGE, {**FORM, "why": "For the auditors."})

    rows = b"".join(answer.streaming_content).decode().splitlines()
    assert (len(rows), rows[0].split(",")[0]) == (9, "item_id")
    assert answer["Content-Disposition"].startswith('attachment; filename="items-')
    assert "Exported items as csv, at most 100 rows. Why: For the auditors." in (
        LogEntry.objects.get().get_change_message()
    )


def test_who_may_only_look_exports_and_mends_nothing(world):
    client = logged_in(staff_who_may("console.view_datapage"))

    assert "Download" not in client.get(PAGE).content.decode()
    assert client.post(PAGE, FORM).status_code == 403
    assert client.post(PAGE, {"do": "mend", "mend-why": "x"}).status_code == 403


def test_stray_rows_are_seen_and_the_remedy_moves_them(world, monkeypatch):
    from catalog.tasks import make_partitions
    from coldstart.tasks import tend_impressions

    stray = NOW - timedelta(days=4000)
    fields = Interaction.objects.values().first() or {}
    Interaction.objects.create(**{**fields, "event_id": "stray", "occurred_at": stray})
    client = logged_in()
    assert [table.stray for table in all_partitions()] == [7, 0], (
        "the world's own six are of a past month too"
    )
    assert "7 rows are in DEFAULT" in client.get(PAGE).content.decode()
    monkeypatch.setattr(make_partitions, "delay", make_partitions)
    monkeypatch.setattr(tend_impressions, "delay", lambda: None)

    client.post(PAGE, {"do": "mend", "mend-why": "There was a hole."})

    [events, _] = all_partitions()
    assert events.stray == 0
    assert f"catalog_interaction_y{stray.year}m{stray.month:02}" in [one.name for one in events.shown]


def test_an_export_of_a_person_is_offered_with_the_receipts(world):
    answer = logged_in().post("/admin/retrieval/erasure/export-user/", {"user": "ann", "why": "She asked."})

    held = json.loads(b"".join(answer.streaming_content))
    assert held["user_id"] == "ann"
    assert "ann" not in LogEntry.objects.get().get_change_message()
