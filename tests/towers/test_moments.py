"""The moment of an example in the user's vector: its hour, and how old the example is."""

import dataclasses

import numpy as np
import pytest

from retrieval.encoder import UserEncoder, token_key
from retrieval.towers.config import LOSS_NAMES, TowerConfig
from retrieval.towers.features import user_tokens
from retrieval.towers.losses import LOSSES
from retrieval.towers.train import train
from tests.towers.worlds import two_islands

DAY_S = 86_400
SMALL = TowerConfig(dim=8, epochs=2, validation_share=0, batch_users=20)


def tokens_at(*days_before_the_end: float, **settings: bool) -> list[set[int]]:
    data = two_islands()
    end = int(data.occurred_at_s.max())
    tokens = user_tokens(data, dataclasses.replace(SMALL, **settings))
    times = np.array([end - int(days * DAY_S) for days in days_before_the_end])
    rows = tokens.of(np.zeros(len(times), np.int64), times).to_dense().numpy()
    return [set(tokens.keys[row > 0].tolist()) for row in rows]


def test_an_example_bears_its_age_in_powers_of_two_of_days():
    now, two_days, long_ago = tokens_at(0, 2, 5000, example_age=True)

    assert token_key("example_age:0") in now
    assert token_key("example_age:2") in two_days
    assert token_key("example_age:11") in long_ago


def test_an_example_bears_its_hour():
    (found,) = tokens_at(0, hour=True)

    assert token_key("hour:0") in found  # the world's events are in the first minutes of 1970


def test_nothing_of_the_moment_is_read_unless_it_is_asked_for():
    (found,) = tokens_at(0)

    assert found == {token_key("age_group:young")}


def test_a_request_is_served_as_an_example_of_age_zero():
    trained = train(two_islands(), dataclasses.replace(SMALL, example_age=True, hour=True))
    encoder = UserEncoder.from_artifact(trained.user_artifact)

    assert trained.report["export_parity"] <= 1e-5
    nothing = np.empty(0, np.float32)
    at_noon = encoder.encode(np.empty((0, 8), np.float32), nothing, nothing, {"hour": "12"})
    at_night = encoder.encode(np.empty((0, 8), np.float32), nothing, nothing, {"hour": "0"})
    assert not np.allclose(at_noon, at_night)


def test_users_have_vectors_of_their_own_where_asked_for():
    data = dataclasses.replace(two_islands(), user_ids=np.arange(500, 560))
    trained = train(data, dataclasses.replace(SMALL, user_ids=True))
    encoder = UserEncoder.from_artifact(trained.user_artifact)

    assert trained.report["export_parity"] <= 1e-5
    assert token_key("user:500") in encoder.profile_keys
    nothing, history = np.empty(0, np.float32), np.empty((0, 8), np.float32)
    unknown = encoder.encode(history, nothing, nothing, {})
    assert not np.allclose(encoder.encode(history, nothing, nothing, {"user": "500"}), unknown)
    assert np.allclose(encoder.encode(history, nothing, nothing, {"user": "9"}), unknown)


def test_a_user_left_out_of_a_batch_is_known_by_her_history_alone():
    data = dataclasses.replace(two_islands(), user_ids=np.arange(500, 560))
    tokens = user_tokens(data, dataclasses.replace(SMALL, user_ids=True))

    rows = tokens.of(np.array([0, 0]), known=np.array([True, False])).to_dense().numpy()

    own = int(np.searchsorted(tokens.keys, token_key("user:500")))
    assert rows[:, own].tolist() == [1, 0]


def test_no_user_has_a_vector_of_her_own_unless_asked_for():
    data = dataclasses.replace(two_islands(), user_ids=np.arange(500, 560))

    assert token_key("user:500") not in user_tokens(data, SMALL).keys


def test_every_loss_that_can_be_named_is_there():
    assert set(LOSS_NAMES) == set(LOSSES)


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_every_loss_trains_with_every_kind_of_negative(loss):
    data = two_islands()
    shown = dataclasses.replace(
        data,
        shown_user=np.arange(60, dtype=np.int32),
        shown_item=np.ones(60, np.int32),
        shown_at_s=np.zeros(60, np.int64),
    )
    config = SMALL.overridden(
        {
            "loss": loss,
            "negatives": 12,
            "negative_shares": {"uniform": 1, "popularity": 1, "hard": 1, "impressions": 1, "walk": 1},
            "walk_first_rank": 4,
            "walk_last_rank": 12,
            "walk_passes": 1,
            "popularity_buckets": True,
            "learn_temperature": True,
        }
    )

    trained = train(shown, config)

    assert np.isfinite(trained.item_vectors).all()
    assert trained.report["export_parity"] <= 1e-5


def test_a_start_from_the_spectrum_needs_no_pass():
    trained = train(two_islands(), TowerConfig(dim=3, start="spectrum", epochs=0))
    encoder = UserEncoder.from_artifact(trained.user_artifact)

    user = encoder.encode(
        trained.history_vectors[[0, 2]], np.ones(2, np.float32), np.zeros(2, np.float32), {}
    )

    best = np.argsort(-(trained.item_vectors @ user))[:20]
    assert np.mean(best % 2 == 0) == 1.0
    assert trained.report["export_parity"] <= 1e-5
