"""Two users and three items: user 0 wants item 0 and has item 1, user 1 wants item 2."""

import math

import pytest
import torch

from retrieval.towers.losses import LOSSES, LossSettings

COSINES = torch.tensor([[0.8, 0.9, 0.2], [0.1, 0.5, 0.6]])
TARGETS = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])
EXCLUDED = torch.tensor([[False, True, False], [False, False, False]])
EVENLY = torch.zeros(3)


def settings(**changes: float) -> LossSettings:
    values = {"log_frequency": 1.0, "margin": 0.3, "negative_weight": 2.0, "calibration": 0.0, "n_items": 3}
    return LossSettings(temperature=torch.tensor(1.0), **{**values, **changes})


def loss(name: str, cosines: torch.Tensor = COSINES, log_q: torch.Tensor = EVENLY, **changes: float) -> float:
    return float(LOSSES[name](cosines, TARGETS, EXCLUDED, log_q, settings(**changes)))


def test_softmax_is_the_surprise_at_the_targets_among_what_competes():
    first = -math.log(math.exp(0.8) / (math.exp(0.8) + math.exp(0.2)))
    second = -math.log(math.exp(0.6) / (math.exp(0.1) + math.exp(0.5) + math.exp(0.6)))

    assert loss("sampled_softmax") == pytest.approx((first + second) / 2)


def test_an_item_that_was_sure_to_be_drawn_competes_less_than_one_that_was_not():
    rare = torch.tensor([0.0, 0.0, math.log(0.5)])

    # Item 2 stands for two items: a stronger rival of user 0, a target that says more for user 1.
    first = -math.log(math.exp(0.8) / (math.exp(0.8) + 2 * math.exp(0.2)))
    second = -math.log(2 * math.exp(0.6) / (math.exp(0.1) + math.exp(0.5) + 2 * math.exp(0.6)))
    assert loss("sampled_softmax", log_q=rare) == pytest.approx((first + second) / 2)


def test_targets_do_not_compete_with_each_other_where_negatives_are_given():
    both = torch.tensor([[1.0, 0, 1.0], [0, 0, 1.0]])

    alone = LOSSES["given_negatives"](COSINES, both, EXCLUDED, EVENLY, settings())

    # User 0 has no negative left, so both of her targets cost nothing.
    second = math.log(1 + (math.exp(0.1) + math.exp(0.5)) / math.exp(0.6))
    assert float(alone) == pytest.approx(second / 3, rel=1e-5)


def test_the_contrastive_loss_squares_what_is_left_of_both():
    near = (0.2**2 + 0.4**2) / 2
    far = (0.0 + (0.2**2) / 2) / 2

    assert loss("contrastive") == pytest.approx(near + 2 * far)


def test_the_cosine_contrastive_loss_minds_only_negatives_above_the_margin():
    near = (0.2 + 0.4) / 2
    far = (0.0 + 0.2 / 2) / 2

    assert loss("cosine_contrastive") == pytest.approx(near + 2 * far)


def test_the_triplet_loss_takes_the_hardest_negative():
    assert loss("triplet") == pytest.approx((0.0 + (0.3 + 0.5 - 0.6)) / 2)


def test_plain_cross_entropy_is_what_uncalibrated_bce_is():
    def cost(x: float) -> float:
        return math.log(1 + math.exp(-x))

    positives = (cost(0.8) + cost(0.6)) / 2
    negatives = (cost(-0.2) + cost(-0.1) + cost(-0.5)) / 2 / 3

    assert loss("calibrated_bce") == pytest.approx(positives + negatives)


def test_a_calibrated_positive_counts_by_the_share_of_items_that_was_drawn():
    plain = loss("calibrated_bce", n_items=6)

    calibrated = loss("calibrated_bce", calibration=1.0, n_items=6)

    positives = (math.log(1 + math.exp(-0.8)) + math.log(1 + math.exp(-0.6))) / 2
    assert plain - calibrated == pytest.approx(0.5 * positives)


@pytest.mark.parametrize("name", LOSSES)
def test_a_better_order_costs_less(name):
    better = torch.tensor([[0.95, 0.9, 0.1], [0.0, 0.2, 0.9]])

    assert loss(name, better) < loss(name)


@pytest.mark.parametrize("name", LOSSES)
def test_what_a_user_has_costs_nothing(name):
    changed = COSINES.clone()
    changed[0, 1] = -0.5

    assert loss(name, changed) == pytest.approx(loss(name))


@pytest.mark.parametrize("name", LOSSES)
def test_no_targets_cost_nothing_and_have_finite_gradients(name):
    cosines = COSINES.clone().requires_grad_()

    cost = LOSSES[name](cosines, torch.zeros_like(COSINES), EXCLUDED, EVENLY, settings())
    cost.backward()

    assert float(cost) == 0
    assert torch.isfinite(cosines.grad).all()
