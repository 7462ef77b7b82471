"""What waits beside the requests is stored, also by a process that ends."""

import multiprocessing
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog import background
from catalog.background import Beside, before_the_end, per_process


def keep(path: Path, batch: Sequence[str]) -> None:
    path.write_text(" ".join(batch))


def test_a_forked_process_stores_what_waits_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Beside, "_start", lambda self: None)  # nobody empties it before
    kept = tmp_path / "kept"

    own = per_process(lambda: Beside(lambda batch: keep(kept, batch), name="x", drop=lambda _one: None))
    own().add("the parent's")

    def work() -> None:
        own().add("a")
        own().add("b")

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()

    assert kept.read_text() == "a b"
    own()._waiting()


def test_a_forked_process_does_at_its_end_what_it_was_to_do_and_not_what_its_parent_was(tmp_path: Path):
    own, parents = tmp_path / "own", tmp_path / "parents"
    before_the_end(parents.touch)

    child = multiprocessing.get_context("fork").Process(target=before_the_end, args=[own.touch])
    child.start()
    child.join()

    assert own.exists()
    assert not parents.exists()
    background._farewells.remove(parents.touch)


def test_each_process_has_its_own(monkeypatch: pytest.MonkeyPatch):
    own = per_process(object)
    first = own()

    assert own() is first
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert own() is not first
