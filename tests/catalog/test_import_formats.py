"""The same three good events and two bad ones in every format."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.imports import KINDS, BadRow, Options, import_rows, open_source
from catalog.models import Interaction
from tests.catalog.people import NOW, add_cast, history_of

pytestmark = pytest.mark.django_db
GOOD = ["2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z"]
CSV = f"""user_id,item_id,type,value,occurred_at,session_id
alice,fargo,view,1,{GOOD[0]},77
alice,nothing,view,1,{GOOD[0]},77
alice,heat,like,5,{GOOD[1]},
alice,heat,view,many,{GOOD[1]},
bob,alien,view,,{GOOD[2]},
"""


def write_csv(folder: Path) -> Path:
    path = folder / "events.csv"
    path.write_text(CSV)
    return path


def write_gzipped_csv_with_bom(folder: Path) -> Path:
    path = folder / "events.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode()))
    return path


def json_lines() -> str:
    rows: list[object] = [
        {"user_id": "alice", "item_id": "fargo", "type": "view", "value": 1, "occurred_at": GOOD[0]},
        {"user_id": "alice", "item_id": "nothing", "type": "view", "occurred_at": GOOD[0]},
        {"user_id": "alice", "item_id": "heat", "type": "like", "value": 5.0, "occurred_at": GOOD[1]},
        {"user_id": "alice", "item_id": "heat", "type": "view", "value": "many", "occurred_at": GOOD[1]},
        {"user_id": "bob", "item_id": "alien", "type": "view", "value": None, "occurred_at": GOOD[2]},
    ]
    return "\n".join(json.dumps(row) for row in rows) + "\n"


def write_jsonl(folder: Path) -> Path:
    path = folder / "events.jsonl"
    path.write_text("\n" + json_lines())  # a blank line is no row
    return path


def write_gzipped_jsonl(folder: Path) -> Path:
    path = folder / "events.jsonl.gz"
    path.write_bytes(gzip.compress(("\n" + json_lines()).encode()))
    return path


def write_parquet(folder: Path) -> Path:
    path = folder / "events.parquet"
    times = [datetime.fromisoformat(GOOD[n]) for n in (0, 0, 1, 1, 2)]
    table = pa.table(
        {
            "user_id": ["alice", "alice", "alice", "alice", "bob"],
            "item_id": ["fargo", "nothing", "heat", "heat", "alien"],
            "type": ["view", "view", "like", "view", "view"],
            "value": ["1", "1", "5", "many", None],
            "occurred_at": pa.array(times, pa.timestamp("ns", "UTC")),
        }
    )
    pq.write_table(table, path, row_group_size=2)
    return path


@pytest.mark.parametrize(
    ("write", "bad_lines"),
    [
        (write_csv, (3, 5)),
        (write_gzipped_csv_with_bom, (3, 5)),
        (write_jsonl, (3, 5)),
        (write_gzipped_jsonl, (3, 5)),
        (write_parquet, (2, 4)),  # Parquet has rows and no header
    ],
)
def test_good_rows_land_and_bad_ones_are_named(
    write: Callable[[Path], Path], bad_lines: tuple[int, int], tmp_path: Path
):
    add_cast()
    bad: list[BadRow] = []
    source = open_source(write(tmp_path), KINDS["events"].required)

    counts = import_rows(KINDS["events"], source, Options(NOW), on_bad=bad.append)

    assert counts == {"accepted": 3, "rejected": 2}
    assert bad == [
        BadRow(bad_lines[0], "item_id", "Unknown item."),
        BadRow(bad_lines[1], "value", "Not a number."),
    ]
    assert (history_of("alice"), history_of("bob")) == (["fargo", "heat"], ["alien"])
    stored = Interaction.objects.order_by("occurred_at").values_list("value", "occurred_at")
    assert list(stored) == [
        (1.0, datetime.fromisoformat(GOOD[0])),
        (5.0, datetime.fromisoformat(GOOD[1])),
        (None, datetime.fromisoformat(GOOD[2])),
    ]


def test_all_formats_make_the_same_events(tmp_path: Path):
    add_cast()
    kind = KINDS["events"]

    import_rows(kind, open_source(write_csv(tmp_path), ()), Options(NOW), on_bad=lambda _: None)
    again = [
        import_rows(kind, open_source(write(tmp_path), ()), Options(NOW), on_bad=lambda _: None)
        for write in (write_jsonl, write_parquet)
    ]

    assert again == [{"duplicate": 3, "rejected": 2}] * 2
