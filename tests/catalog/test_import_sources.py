"""Reading alone: what each format makes of rows that are not rows."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.imports import ImportFileError, open_source
from catalog.imports.lines import LINE_LIMIT
from catalog.imports.rows import BadRow, RawRow
from catalog.imports.running import in_batches


def read(path: Path, content: bytes, required: tuple[str, ...] = ()) -> list[RawRow | BadRow]:
    path.write_bytes(content)
    return list(open_source(path, required).rows())


def test_jsonl_names_lines_that_are_no_objects(tmp_path: Path):
    rows = read(tmp_path / "a.jsonl", b'{"a": 1}\nnonsense\n[1]\n{"a": 2}')

    assert rows[0] == RawRow(1, {"a": 1})
    assert isinstance(rows[1], BadRow)
    assert (rows[1].line, rows[1].reason[:9]) == (2, "Not JSON:")
    assert rows[2] == BadRow(3, "", "Not a JSON object.")
    assert rows[3] == RawRow(4, {"a": 2})


def test_json_that_is_too_deep_costs_only_its_line(tmp_path: Path):
    rows = read(tmp_path / "a.jsonl", b"[" * 200_000 + b'\n{"a": 1}\n')

    assert isinstance(rows[0], BadRow)
    assert rows[1] == RawRow(2, {"a": 1})


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_line_without_end_is_skipped_and_not_held_in_memory(name: str, tmp_path: Path):
    row = {"a.jsonl": b'{"a": "1"}\n', "a.csv": b"1\n"}[name]
    header = {"a.jsonl": b"", "a.csv": b"a\n"}[name]
    lines_before = header.count(b"\n") + 1

    rows = read(tmp_path / name, header + row + b"x" * (3 * LINE_LIMIT) + b"\n" + row)

    assert rows == [
        RawRow(lines_before, {"a": "1"}),
        BadRow(lines_before + 1, "", f"The line is longer than {LINE_LIMIT} bytes."),
        RawRow(lines_before + 2, {"a": "1"}),
    ]


def test_csv_keeps_quoted_commas_and_line_ends_and_counts_lines(tmp_path: Path):
    rows = read(tmp_path / "a.csv", b'a,b\n"x, y","1\n2"\nz,\n')

    assert rows == [RawRow(2, {"a": "x, y", "b": "1\n2"}), RawRow(4, {"a": "z"})]


def test_csv_names_rows_with_another_number_of_cells(tmp_path: Path):
    rows = read(tmp_path / "a.csv", b"a,b\n1\n1,2,3\n1,2\n")

    assert rows == [
        BadRow(2, "", "Has 1 cells where the header has 2."),
        BadRow(3, "", "Has 3 cells where the header has 2."),
        RawRow(4, {"a": "1", "b": "2"}),
    ]


def test_a_missing_column_stops_the_import_before_it_begins(tmp_path: Path):
    with pytest.raises(ImportFileError, match="no column item_id; it has user_id, type"):
        read(tmp_path / "a.csv", b"user_id,type\n", ("user_id", "item_id"))


def test_parquet_without_a_required_column_is_refused(tmp_path: Path):
    pq.write_table(pa.table({"user_id": [1]}), tmp_path / "a.parquet")

    with pytest.raises(ImportFileError, match="no column item_id"):
        open_source(tmp_path / "a.parquet", ("item_id",))


def test_what_only_looks_like_parquet_is_refused(tmp_path: Path):
    with pytest.raises(ImportFileError, match="not Parquet"):
        read(tmp_path / "a.parquet", b"user_id,item_id\n")


def test_a_file_of_another_kind_is_refused(tmp_path: Path):
    with pytest.raises(ImportFileError, match="none of"):
        read(tmp_path / "a.xlsx", b"")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(ImportFileError, match="no file"):
        open_source(tmp_path / "absent.csv", ())


def test_a_file_cut_short_says_so(tmp_path: Path):
    packed = gzip.compress(b"a\n" + b"1\n" * 100_000)

    with pytest.raises(ImportFileError, match="damaged"):
        read(tmp_path / "a.csv.gz", packed[: len(packed) // 2])


def test_bytes_that_are_not_utf_8_reach_the_check_of_their_text(tmp_path: Path):
    [row] = read(tmp_path / "a.csv", b"a\n\xff\n")

    assert row == RawRow(2, {"a": "\udcff"})


def test_a_batch_takes_no_more_rows_than_it_holds():
    taken = []

    def rows():
        for number in range(10):
            taken.append(number)
            yield number

    first = next(in_batches(rows(), 3))

    assert first == taken == [0, 1, 2]


def test_reading_stays_just_ahead_of_the_rows(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n" + b"12345678\n" * 200_000)
    source = open_source(path, ())
    rows = source.rows()

    for _ in range(1_000):
        next(rows)

    assert source.position() < source.size / 10
