import numpy as np
import pytest

from retrieval.encoder import ItemEncoder, ItemFeatures, UserEncoder
from retrieval.towers.config import TowerConfig
from retrieval.towers.train import TrainedTowers, train
from tests.towers.worlds import N_ITEMS, two_islands

CONFIG = TowerConfig(dim=16, epochs=30, validation_share=0, batch_users=20, learning_rate=1e-2)


@pytest.fixture(scope="module")
def trained() -> TrainedTowers:
    return train(two_islands(), CONFIG)


def share_of_even(trained: TrainedTowers, user: np.ndarray) -> float:
    best = np.argsort(-(trained.item_vectors @ user))[: N_ITEMS // 2]
    return float(np.mean(best % 2 == 0))


def test_item_vectors_have_length_one(trained):
    np.testing.assert_allclose(np.linalg.norm(trained.item_vectors, axis=1), 1, atol=1e-5)


def test_a_history_on_one_island_finds_that_island(trained):
    encoder = UserEncoder.from_artifact(trained.user_artifact)
    events = np.array([0, 2, 4])

    user = encoder.encode(
        trained.history_vectors[events], np.ones(3, np.float32), np.zeros(3, np.float32), {}
    )

    assert share_of_even(trained, user) == 1.0


def test_a_profile_alone_finds_its_island(trained):
    encoder = UserEncoder.from_artifact(trained.user_artifact)
    nothing = np.empty((0, CONFIG.dim), np.float32)

    user = encoder.encode(nothing, np.empty(0, np.float32), np.empty(0, np.float32), {"age_group": "young"})

    assert share_of_even(trained, user) >= 0.9


def test_a_new_item_lands_on_the_island_of_its_tags(trained):
    vectors, _ = ItemEncoder.from_artifact(trained.item_artifact).encode([ItemFeatures(tags=("even",))])

    assert share_of_even(trained, vectors[0]) >= 0.9


def test_the_export_agrees_with_the_towers(trained):
    assert trained.report["export_parity"] <= 1e-5


def test_the_same_seed_gives_the_same_vectors(trained):
    again = train(two_islands(), CONFIG)

    np.testing.assert_array_equal(trained.item_vectors, again.item_vectors)


def test_no_events_is_refused():
    data = two_islands()

    with pytest.raises(ValueError, match="no events"):
        train(data.select(np.zeros(len(data), bool)), CONFIG)
