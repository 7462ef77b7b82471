"""What a batch reads of each user's history, and what it has to find."""

import dataclasses

import numpy as np
import pytest

from retrieval.towers.batches import batches
from retrieval.towers.config import TowerConfig
from retrieval.towers.data import TrainingData
from retrieval.towers.ranks import Ranks

EVENTS = 30


def one_long_history() -> TrainingData:
    """One user who liked items 0, 1, 2, … one after the other."""
    return TrainingData(
        user_index=np.zeros(EVENTS, np.int32),
        item_index=np.arange(EVENTS, dtype=np.int32),
        weight=np.ones(EVENTS, np.float32),
        occurred_at_s=np.arange(EVENTS, dtype=np.int64),
        n_users=1,
        item_ids=np.arange(EVENTS),
    )


def splits(config: TowerConfig, passes: int = 50) -> list[tuple[list[int], list[int]]]:
    """(items read, items to find) in so many passes."""
    found = [batches(one_long_history(), config, number=number, ranks=Ranks()) for number in range(passes)]
    return [(batch.read_item.tolist(), batch.target_item.tolist()) for each in found for batch in each]


def test_a_newcomer_is_known_by_the_first_events_and_sought_in_all_that_follow():
    for read, to_find in splits(TowerConfig(newcomer_share=1.0, newcomer_events=4)):
        assert 1 <= len(read) <= 4
        assert read + to_find == list(range(EVENTS))


def test_a_newcomer_with_a_history_above_the_limit_is_known_by_the_very_first_events():
    config = TowerConfig(newcomer_share=1.0, newcomer_events=1, history_limit=10)

    assert splits(config, passes=1) == [([0], list(range(1, 10)))]


def test_of_whoever_is_no_newcomer_any_event_is_read():
    read_last = [EVENTS - 1 in read for read, _ in splits(TowerConfig(newcomer_share=0.0))]

    assert 0 < sum(read_last) < len(read_last)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_item_is_both_read_and_to_be_found(share):
    for read, to_find in splits(dataclasses.replace(TowerConfig(), newcomer_share=share)):
        assert not set(read) & set(to_find)


def test_what_somebody_stayed_with_for_long_counts_for_more_where_it_is_to_be_found():
    data = dataclasses.replace(one_long_history(), dwell_share=np.linspace(0.5, 2, EVENTS, dtype=np.float32))

    (batch,) = batches(data, TowerConfig(newcomer_share=0.0), number=0, ranks=Ranks())

    assert batch.target_weight.tolist() == data.dwell_share[batch.target_item].tolist()
