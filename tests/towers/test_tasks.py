"""One user likes item 0, views items 1 and 2, likes and views item 3, hides item 4 after viewing it, shares item 5."""

import dataclasses

import numpy as np
import pytest
import torch

from retrieval.towers.config import InvalidTowerConfig, TowerConfig
from retrieval.towers.data import TrainingData, without_repeats
from retrieval.towers.losses import LossSettings, below_targets
from retrieval.towers.tasks import check_tasks, task_weights
from retrieval.towers.train import train
from tests.towers.worlds import two_islands

KINDS = ["hide", "like", "share", "view"]
EVENTS = [(0, 1, 3), (1, 3, 1), (2, 3, 1), (3, 1, 3), (3, 3, 1), (4, 3, 1), (4, 0, -5), (5, 2, 5)]
ITEMS, PLACES, WEIGHTS = (list(column) for column in zip(*EVENTS, strict=True))
HISTORY = TrainingData(
    user_index=np.zeros(len(EVENTS), np.int32),
    item_index=np.array(ITEMS, np.int32),
    weight=np.array(WEIGHTS, np.float32),
    occurred_at_s=np.arange(len(EVENTS)),
    kinds=np.int64(1) << np.array(PLACES),
    kind_names=KINDS,
    n_users=1,
    item_ids=np.arange(6),
)
ONCE = without_repeats(HISTORY)


def weights(**tasks: float) -> dict[int, float]:
    """Of each item that counts, to six places."""
    found = task_weights(ONCE, np.arange(len(ONCE)), tasks)
    pairs = zip(ONCE.item_index.tolist(), found.tolist(), strict=True)
    return {item: round(weight, 6) for item, weight in pairs if weight}


def test_an_item_belongs_to_every_task_that_its_events_name():
    # Likes: items 0 and 3, half each; views: 1, 2 and 3, a third each of a weight half as large.
    assert weights(like=2.0, view=1.0) == pytest.approx(
        {0: 1 / 3, 1: 1 / 9, 2: 1 / 9, 3: 1 / 3 + 1 / 9}, abs=1e-5
    )


def test_a_rare_type_counts_for_as_much_as_its_weight_says():
    found = weights(share=1.0, view=1.0)

    assert found == pytest.approx({5: 0.5, 1: 1 / 6, 2: 1 / 6, 3: 1 / 6}, abs=1e-5)


def test_what_was_hidden_last_is_refused_and_no_longer_viewed():
    assert weights(view=2.0, hide=-1.0)[4] == 0.5


def test_dwell_counts_within_a_task():
    shares = np.where(ONCE.item_index == 1, 2, 1).astype(np.float32)
    longer = dataclasses.replace(ONCE, dwell_share=shares)

    found = task_weights(longer, np.arange(len(ONCE)), {"view": 1.0})

    assert found[ONCE.item_index == 1] == 2 * found[ONCE.item_index == 2]


def test_a_type_that_never_happened_is_named_with_those_that_did():
    with pytest.raises(InvalidTowerConfig, match=r"no event of type 'clap'.*hide, like, share, view"):
        check_tasks(HISTORY, {"clap": 1.0})


def test_a_task_against_the_catalogue_s_own_sign_is_refused():
    with pytest.raises(InvalidTowerConfig, match="hide is 1"):
        check_tasks(HISTORY, {"hide": 1.0})


@pytest.mark.parametrize("tasks", [["like"], {"like": "much"}])
def test_tasks_that_are_no_weights_are_refused(tasks):
    with pytest.raises(InvalidTowerConfig, match="a number for each type"):
        TowerConfig().overridden({"tasks": tasks})


def test_tasks_without_anything_to_find_are_refused():
    with pytest.raises(InvalidTowerConfig, match="at least one a weight above 0"):
        TowerConfig(tasks={"hide": -1.0})


def test_what_is_refused_costs_the_more_the_nearer_it_is():
    targets, refused = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    settings = LossSettings(torch.tensor(1.0), 1, 0, 0, 0, 2)

    near, far = (
        float(below_targets(torch.tensor([[0.5, cosine]]), targets, refused, settings))
        for cosine in (0.5, -0.5)
    )

    assert near == pytest.approx(2 * np.log(2))
    assert far == pytest.approx(2 * np.log1p(np.exp(-1)))


def test_a_refused_island_is_ranked_lower_than_by_a_training_that_ignores_it():
    """All even users hide ten odd items; odd users like these, and an even user is asked for."""
    data = two_islands()
    extra = [(user, 2 * place + 1) for user in range(0, 60, 2) for place in range(10)]
    users, items = (
        np.concatenate([column, more])
        for column, more in zip((data.user_index, data.item_index), np.array(extra).T, strict=True)
    )
    order = np.argsort(users, kind="stable")
    hidden = np.arange(len(users)) >= len(data)
    data = dataclasses.replace(
        data,
        user_index=users[order].astype(np.int32),
        item_index=items[order].astype(np.int32),
        weight=np.where(hidden, -5, 1)[order].astype(np.float32),
        occurred_at_s=np.arange(len(users)),
        kinds=np.where(hidden, 1, 2)[order].astype(np.int64),
        kind_names=["hide", "like"],
    )
    small = TowerConfig(dim=8, epochs=2, validation_share=0, batch_users=20, learning_rate=0.02)

    def gap(**tasks: float) -> float:
        found = train(data, dataclasses.replace(small, tasks=tasks))
        user = found.history_vectors[0:20:2].sum(axis=0)
        scores = found.item_vectors @ user / np.linalg.norm(user)
        return float(scores[0::2].mean() - scores[1:20:2].mean())

    assert gap(like=1.0, hide=-5.0) > gap(like=1.0)
