"""Items mixed with those that walks from them visit most."""

import dataclasses

import numpy as np
import pytest

from retrieval.encoder import ItemEncoder, ItemFeatures
from retrieval.towers.config import InvalidTowerConfig, TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.neighbors import visited_most
from retrieval.towers.train import TrainedTowers, train
from tests.towers.worlds import N_ITEMS, two_islands

SMALL = TowerConfig(dim=8, epochs=2, validation_share=0, batch_users=20, neighbors=5)


def with_a_loner() -> TrainingData:
    """The two islands without tags, and item 0 that nobody likes."""
    return dataclasses.replace(two_islands(without_item=0), tags=[])


@pytest.fixture(scope="module")
def trained() -> TrainedTowers:
    return train(two_islands(), SMALL)


@pytest.fixture(scope="module")
def encoder(trained: TrainedTowers) -> ItemEncoder:
    return ItemEncoder.from_artifact(trained.item_artifact)


def test_walks_visit_the_own_island_and_never_count_their_start():
    found = visited_most(two_islands(), ranks=10, seed=1)

    own = np.arange(N_ITEMS)[:, None]
    assert (found.items % 2 == own % 2).all()
    assert (found.items != own).all()
    assert (np.diff(found.counts, axis=1) <= 0).all()


def test_the_same_seed_visits_the_same():
    first, second = (visited_most(two_islands(), ranks=5, seed=3).items for _ in range(2))

    assert first.tolist() == second.tolist()


def test_no_walk_leads_from_or_to_what_nobody_likes_and_no_tag_describes():
    found = visited_most(with_a_loner(), ranks=30, seed=1)

    assert (found.items[0] == -1).all()
    assert (found.items != 0).all()
    assert (found.items[2] == -1).sum() == 12  # of the 20 items of its island, it and the loner are not met


def test_pooled_towers_are_the_same_in_numpy_and_in_torch(trained):
    assert trained.report["export_parity"] <= 1e-5


def test_a_changed_mean_of_a_tag_would_be_seen(trained, encoder):
    changed = dataclasses.replace(encoder, tag_pooled=encoder.tag_pooled + 1)
    even = [ItemFeatures(tags=("even",))]

    assert not np.allclose(changed.encode(even)[0], encoder.encode(even)[0])


def test_a_new_item_is_drawn_to_those_that_share_its_tag(trained, encoder):
    without = dataclasses.replace(encoder, tag_keys=encoder.tag_keys[:0])
    even, means = [ItemFeatures(tags=("even",))], trained.item_vectors[0::2].mean(axis=0)

    nearness, alone = (float((one.encode(even)[0] @ means)[0]) for one in (encoder, without))

    assert nearness > alone


def test_a_new_item_without_a_known_tag_has_a_vector_of_content_alone(encoder):
    vectors, history = encoder.encode([ItemFeatures(tags=("unheard of",)), ItemFeatures()])

    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    assert np.isfinite(history).all()


def test_an_item_without_edges_has_a_vector_when_trained():
    found = train(with_a_loner(), SMALL)

    assert np.linalg.norm(found.item_vectors, axis=1) == pytest.approx(np.ones(N_ITEMS), abs=1e-5)
    assert found.report["export_parity"] <= 1e-5


def test_an_artifact_without_neighbors_is_as_before():
    plain = train(two_islands(), dataclasses.replace(SMALL, neighbors=0, epochs=1))

    assert b"tag_pooled" not in plain.item_artifact
    assert len(ItemEncoder.from_artifact(plain.item_artifact).tag_keys) == 0


def test_a_start_from_the_spectrum_is_left_as_it_is_by_neighbors():
    settings = TowerConfig(dim=3, start="spectrum", epochs=0)

    plain, mixed = (train(two_islands(), dataclasses.replace(settings, neighbors=n)) for n in (0, 5))

    np.testing.assert_allclose(mixed.item_vectors, plain.item_vectors, atol=1e-6)


def test_fewer_than_no_neighbors_are_refused():
    with pytest.raises(InvalidTowerConfig, match="neighbors is -1"):
        TowerConfig(neighbors=-1)
