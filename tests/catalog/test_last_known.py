"""What is left on disk is ours, fresh and nobody else's to read, or it is as if nothing were there."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.last_known import LastKnownFile, Leaver

HOUR = 3600


def file_in(folder: Path, name: str = "keys", **changes: Any) -> LastKnownFile:
    return LastKnownFile(folder, name, **{"version": 1, "max_age_s": HOUR, **changes})


@pytest.fixture
def file(tmp_path: Path) -> LastKnownFile:
    return file_in(tmp_path / "last-known")


def test_what_was_written_is_read_by_its_owner_alone(file):
    before = os.umask(0)
    file.write({"a": [1, "b"]}, as_of_s=time.time())
    os.umask(before)

    assert file.read().content == {"a": [1, "b"]}
    assert (file.folder / "keys").stat().st_mode & 0o777 == 0o600
    assert file.folder.stat().st_mode & 0o777 == 0o700


def test_where_nothing_was_left_nothing_is_said(file):
    with capture_logs() as logs:
        assert file.read() is None
    assert logs == []


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def of_another_name(path: Path) -> None:
    file_in(path.parent, "floor").write("forged", as_of_s=time.time())
    (path.parent / "floor").replace(path)


def of_another_form(path: Path) -> None:
    file_in(path.parent, version=2).write("forged", as_of_s=time.time())


@pytest.mark.parametrize("spoil", [damaged, cut_off, emptied, of_another_name, of_another_form])
def test_what_is_not_ours_is_not_there_and_is_told_once(file, spoil: Callable[[Path], None]):
    file.write("true", as_of_s=time.time())

    spoil(file.folder / "keys")

    with capture_logs() as logs:
        assert [file.read(), file.read()] == [None, None]
    assert [line["event"] for line in logs] == ["what was last known is not ours, or damaged"]


def test_signed_by_another_secret_it_is_not_ours(file, settings):
    file.write("true", as_of_s=time.time())

    settings.SECRET_KEY = "another" * 8

    assert file.read() is None


def test_a_link_to_somewhere_else_is_not_followed(file, tmp_path):
    file.write("true", as_of_s=time.time())
    (file.folder / "keys").replace(tmp_path / "elsewhere")

    (file.folder / "keys").symlink_to(tmp_path / "elsewhere")

    assert file.read() is None


@pytest.mark.parametrize(("passed_s", "believed"), [(HOUR - 1, True), (HOUR + 1, False), (-HOUR, False)])
def test_what_is_too_old_or_of_the_future_is_not_there(tmp_path, passed_s, believed):
    file_in(tmp_path).write("true", as_of_s=1000.0)

    assert (file_in(tmp_path, clock=lambda: 1000.0 + passed_s).read() is not None) is believed


def test_switched_off_it_reads_nothing(file):
    file.write("true", as_of_s=time.time())

    assert file_in(file.folder, max_age_s=0).read() is None


class Table:
    """What a file is made of."""

    def __init__(self, file: LastKnownFile) -> None:
        self.file, self.rows, self.away = file, ["a"], False
        self._seen: list[str] | None = None

    def changed(self) -> bool:
        if self.away:
            raise RuntimeError("Postgres is away")
        before, self._seen = self._seen, list(self.rows)
        return before != self._seen

    def content(self) -> list[str]:
        return self.rows


@pytest.fixture
def table(file) -> Table:
    return Table(file)


def test_a_change_is_written_in_the_next_look_and_what_is_quiet_every_minute(table, file):
    clock = [0.0]
    leaver = Leaver(file.folder, [table], clock=lambda: clock[0])
    written = file.folder / "keys"

    leaver.look()
    first = written.stat().st_ino, written.stat().st_mtime_ns
    leaver.look()
    assert (written.stat().st_ino, written.stat().st_mtime_ns) == first

    table.rows.append("b")
    leaver.look()
    assert file.read().content == ["a", "b"]

    second = written.stat().st_mtime_ns
    clock[0] = 61.0
    leaver.look()
    assert written.stat().st_mtime_ns > second


def test_one_writes_at_a_time_and_another_takes_its_place_when_it_is_gone(table, file):
    first, second = Leaver(file.folder, [table]), Leaver(file.folder, [Table(file)])
    first.look()
    file.remove()

    second.look()
    assert file.read() is None

    first.close()
    second.look()
    assert file.read().content == ["a"]


def test_while_postgres_is_away_what_was_left_stays_and_the_log_says_so_once(table, file):
    leaver = Leaver(file.folder, [table])
    leaver.look()

    table.away = True
    with capture_logs() as logs:
        leaver.look()
        leaver.look()

    assert file.read().content == ["a"]
    assert len(logs) == 1


def test_what_cannot_be_written_anew_is_removed(table, file, monkeypatch):
    leaver = Leaver(file.folder, [table])
    leaver.look()
    table.rows = []

    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(file, "write", full)
        leaver.look()
    assert file.read() is None

    leaver.look()
    assert file.read().content == []
