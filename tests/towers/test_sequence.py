"""A world of rounds: item 0 is followed by 1, 1 by 2, and the last one by 0 again."""

import dataclasses

import numpy as np
import pytest
import torch

from retrieval.sequence import SequenceEncoder
from retrieval.towers.config import InvalidTowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.sequence import SequenceConfig, TrainedSequence, train_sequence
from retrieval.towers.sequence.network import SequenceNetwork
from retrieval.towers.sequence.training import exported
from retrieval.towers.sequence.windows import Sequences, batches

N_USERS, N_ITEMS, EACH = 60, 12, 6
CONFIG = SequenceConfig(dim=16, length=8, epochs=20, batch_windows=20, learning_rate=2e-2)


def data(
    items: list[list[int]], *, at_s: list[list[int]] | None = None, n_items: int = N_ITEMS
) -> TrainingData:
    """What each user turned to, one a second unless told otherwise."""
    at_s = at_s or [list(range(len(one))) for one in items]
    users = np.repeat(np.arange(len(items)), [len(one) for one in items])
    return TrainingData(
        user_index=users.astype(np.int32),
        item_index=np.concatenate(items).astype(np.int32),
        weight=np.ones(len(users), np.float32),
        occurred_at_s=np.concatenate(at_s).astype(np.int64),
        n_users=len(items),
        item_ids=np.arange(n_items),
    )


ROUNDS = data([[(user + step) % N_ITEMS for step in range(EACH)] for user in range(N_USERS)])


@pytest.fixture(scope="module")
def trained() -> TrainedSequence:
    made = train_sequence(ROUNDS, CONFIG)
    assert made is not None
    return made


def best_after(trained: TrainedSequence, *items: int) -> int:
    vector = trained.encoder.next_item(trained.items[list(items)])
    return int(np.argmax(trained.items @ vector[:-1]))


@pytest.mark.parametrize("items", [(3,), (3, 4), (10, 11), (2, 3, 4, 5)])
def test_it_learns_what_comes_next_from_the_order_alone(trained, items):
    assert best_after(trained, *items) == (items[-1] + 1) % N_ITEMS


def test_the_same_seed_gives_the_same_model():
    short = dataclasses.replace(CONFIG, epochs=2)
    one, again = train_sequence(ROUNDS, short), train_sequence(ROUNDS, short)

    assert np.array_equal(again.items, one.items)
    assert again.encoder.packed() == one.encoder.packed()


def test_a_catalogue_that_is_sampled_from_is_learned_too():
    sampled = train_sequence(ROUNDS, dataclasses.replace(CONFIG, negatives=4))

    right = [best_after(sampled, item) == (item + 1) % N_ITEMS for item in range(N_ITEMS)]
    assert np.mean(right) > 0.8


@pytest.mark.parametrize("n", [1, 5, 8, 11])
@pytest.mark.parametrize("blocks", [1, 2])
def test_numpy_gives_what_torch_gives(n, blocks):
    torch.manual_seed(blocks)
    config = dataclasses.replace(CONFIG, blocks=blocks)
    network = SequenceNetwork(N_ITEMS, config).eval()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.5)
    read = torch.arange(n) % N_ITEMS

    with torch.no_grad():
        wanted = network(read[None, -config.length :])[0, -1].numpy()
        got = exported(network, config).next_item(network.items(read).numpy())

    assert got[:-1] == pytest.approx(wanted, abs=1e-4)
    assert got[-1] == 0


def test_no_place_reads_what_comes_later():
    network = SequenceNetwork(N_ITEMS, CONFIG).eval()

    with torch.no_grad():
        one, other = network(torch.tensor([[1, 2, 3, 4], [1, 2, 3, 9]]))

    assert torch.equal(one[:3], other[:3])
    assert not torch.equal(one[3], other[3])


def test_the_file_comes_back_as_it_was(trained):
    again = SequenceEncoder.unpacked(trained.encoder.packed())

    items = trained.items[:3]
    assert again.next_item(items).tolist() == trained.encoder.next_item(items).tolist()
    assert (again.length, again.heads, again.blocks) == (8, 2, 1)


@pytest.mark.parametrize("seed", range(5))
def test_every_step_is_to_be_found_once_whatever_the_cuts(seed):
    sequences = Sequences.of(
        data([[0, 1, 2, 3, 4, 5, 6], [7], [8, 9]]), half_life_days=None, rng=np.random.default_rng(seed)
    )

    steps = [
        (int(read), int(follows))
        for window in batches(sequences, length=3, size=2, most=100, rng=np.random.default_rng(seed))
        for read, follows, counts in zip(
            window.read.ravel(), window.follows.ravel(), window.counts.ravel(), strict=True
        )
        if counts
    ]

    assert sorted(steps) == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (8, 9)]


def test_what_a_user_had_is_read_but_not_to_be_found_again():
    sequences = Sequences.of(data([[1, 1, 2, 1]]), half_life_days=None, rng=np.random.default_rng(0))

    assert sequences.item.tolist() == [1, 2, 1]
    assert sequences.counts.tolist() == [1, 1, 0]


def test_what_is_a_half_life_old_counts_half():
    day = 86_400
    sequences = Sequences.of(
        data([[1, 2, 3]], at_s=[[0, day, 2 * day]]), half_life_days=1, rng=np.random.default_rng(0)
    )

    assert sequences.counts.tolist() == [0.25, 0.5, 1]


def test_events_of_one_second_come_in_no_order():
    orders = {
        tuple(
            Sequences.of(
                data([[1, 2, 3]], at_s=[[5, 5, 5]]), half_life_days=None, rng=np.random.default_rng(seed)
            ).item.tolist()
        )
        for seed in range(50)
    }

    assert len(orders) == 6


def test_without_an_order_there_is_no_model():
    assert train_sequence(data([[1], [2], [3, 3]]), CONFIG) is None
    assert train_sequence(data([[1, 2, 3], [2, 3]], at_s=[[9, 9, 9], [9, 9]]), CONFIG) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"blocs": 1}, "no setting 'blocs'"), ({"dim": 7}, "multiple of heads"), ({"dropout": 1.0}, "dropout")],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(InvalidTowerConfig, match=message):
        SequenceConfig().overridden(settings)
