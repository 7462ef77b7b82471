"""Interrupted after its second pass, a training goes on as if nothing had happened."""

import numpy as np
import pytest
import torch

from retrieval.towers.checkpoint import Checkpoint, Progress
from retrieval.towers.config import TowerConfig
from retrieval.towers.fitting import Fitting
from retrieval.towers.train import train
from tests.towers.worlds import two_islands

CONFIG = TowerConfig(dim=8, epochs=4, patience=9, batch_users=20, learning_rate=1e-2)


class Interrupted(Exception):
    pass


def interrupt_before(monkeypatch, number: int) -> None:
    whole = Fitting._pass

    def stumbling(self: Fitting) -> None:
        if len(self.curve) == number:
            raise Interrupted
        whole(self)

    monkeypatch.setattr(Fitting, "_pass", stumbling)


def test_a_resumed_training_ends_with_the_same_vectors(tmp_path, monkeypatch):
    uninterrupted = train(two_islands(), CONFIG)
    with monkeypatch.context() as patch:
        interrupt_before(patch, 2)
        with pytest.raises(Interrupted):
            train(two_islands(), CONFIG, folder=tmp_path)
    done = []
    whole = Fitting._pass
    monkeypatch.setattr(Fitting, "_pass", lambda self: (done.append(len(self.curve)), whole(self)))

    resumed = train(two_islands(), CONFIG, folder=tmp_path)

    np.testing.assert_array_equal(resumed.item_vectors, uninterrupted.item_vectors)
    assert done[:2] == [2, 3]
    assert resumed.report["validation_recall"] == uninterrupted.report["validation_recall"]


def test_a_finished_training_leaves_no_state_behind(tmp_path):
    train(two_islands(), CONFIG, folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


def progress() -> Progress:
    return Progress(
        curve=[0.5],
        examples=10,
        seconds=1.0,
        towers={"item_id": torch.ones(2, 3)},
        best={"item_id": torch.zeros(2, 3)},
        optimizer={0: {"step": torch.tensor(3.0), "exp_avg": torch.ones(2, 3)}},
    )


def test_a_state_comes_back_as_it_was(tmp_path):
    checkpoint = Checkpoint.of(tmp_path / "trial", two_islands(), CONFIG)

    checkpoint.save(progress())
    loaded = checkpoint.load()

    assert loaded is not None
    assert (loaded.curve, loaded.examples) == ([0.5], 10)
    assert torch.equal(loaded.optimizer[0]["exp_avg"], torch.ones(2, 3))
    assert torch.equal(loaded.best["item_id"], torch.zeros(2, 3))


def test_the_state_of_other_settings_or_events_is_not_taken_up(tmp_path):
    Checkpoint.of(tmp_path / "trial", two_islands(), CONFIG).save(progress())

    other_seed = Checkpoint.of(tmp_path / "trial", two_islands(), TowerConfig(dim=8, seed=8))
    other_events = Checkpoint.of(tmp_path / "trial", two_islands(without_item=3), CONFIG)

    assert other_seed.load() is None
    assert other_events.load() is None


def test_a_damaged_state_is_none(tmp_path):
    checkpoint = Checkpoint.of(tmp_path / "trial", two_islands(), CONFIG)
    checkpoint.save(progress())
    (tmp_path / "trial").write_bytes((tmp_path / "trial").read_bytes()[:100])

    assert checkpoint.load() is None
