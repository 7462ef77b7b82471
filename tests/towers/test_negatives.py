import numpy as np
import pytest

from retrieval.towers.config import NegativeShares
from retrieval.towers.negatives import Sampler

NONE = np.empty(0, np.int64)


def sampler(likes: list[int], negatives: int, **shares: float) -> Sampler:
    chosen = NegativeShares(**{"uniform": 0.0, **shares})
    return Sampler(np.array(likes), negatives=negatives, shares=chosen)


def test_a_small_catalogue_competes_whole_and_nothing_is_corrected():
    competing = sampler([3, 1, 0], 3, uniform=1).draw(
        np.array([1]), hard=NONE, shown=NONE, rng=np.random.default_rng(1)
    )

    np.testing.assert_array_equal(competing.items, [0, 1, 2])
    np.testing.assert_array_equal(competing.log_q, [0, 0, 0])


def test_the_positives_of_the_batch_always_compete():
    competing = sampler([1] * 1000, 10, uniform=1).draw(
        np.array([7, 7, 990]), hard=NONE, shown=NONE, rng=np.random.default_rng(1)
    )

    assert {7, 990} <= set(competing.items.tolist())
    assert len(competing.items) <= 12


def test_hard_and_shown_items_come_by_their_shares():
    competing = sampler([1] * 1000, 4, hard=1, impressions=1).draw(
        np.array([0]), hard=np.array([10, 11, 12]), shown=np.array([20, 21, 22]), rng=np.random.default_rng(1)
    )

    assert {10, 11} <= set(competing.items.tolist())
    assert len({20, 21, 22} & set(competing.items.tolist())) == 2
    assert 12 not in competing.items


def test_popular_items_are_drawn_more_often_by_popularity():
    likes = [10_000] * 10 + [1] * 990

    competing = sampler(likes, 200, popularity=1).draw(
        np.array([500]), hard=NONE, shown=NONE, rng=np.random.default_rng(1)
    )

    assert set(range(10)) <= set(competing.items.tolist())


def test_the_correction_is_how_often_an_item_competes():
    likes = [50] + [1] * 99
    drawing = sampler(likes, 20, uniform=1)
    rng = np.random.default_rng(5)
    positives = [rng.choice(100, 10, p=np.array(likes) / 149) for _ in range(4000)]
    draws = [drawing.draw(chosen, hard=NONE, shown=NONE, rng=rng) for chosen in positives]

    often = np.mean([0 in draw.items for draw in draws])
    rarely = np.mean([42 in draw.items for draw in draws])

    said = {item: np.exp(q) for draw in draws[:50] for item, q in zip(draw.items, draw.log_q, strict=True)}
    assert said[0] == pytest.approx(often, abs=0.03)
    assert said[42] == pytest.approx(rarely, abs=0.03)


@pytest.mark.parametrize("shares", [{}, {"uniform": -1.0, "hard": 2.0}])
def test_shares_that_name_nothing_are_refused(shares):
    with pytest.raises(ValueError, match="negative_shares"):
        sampler([1] * 10, 2, **shares)
