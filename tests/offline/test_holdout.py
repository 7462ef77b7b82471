import datetime as dt

import numpy as np
import pytest

from retrieval.models import ModelVersion
from retrieval.offline import pipeline
from retrieval.offline.evaluating import GatesFailed
from retrieval.offline.holdout import Comparison
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands

BEFORE_THE_LAST_TWO = NOON - dt.timedelta(minutes=2)


def comparison(difference: list[float]) -> Comparison:
    live = np.full(len(difference), 0.5)
    return Comparison(trial=live + difference, live=live)


def test_a_loss_for_everybody_is_worse():
    assert comparison([-0.1, -0.2, -0.1, -0.2]).is_worse()


def test_a_gain_is_not_worse():
    assert not comparison([0.1, 0.2, 0.1, 0.2]).is_worse()


def test_a_loss_within_chance_is_not_worse():
    assert not comparison([-0.5, 0.4, -0.4, 0.45]).is_worse()


@pytest.fixture
def live(db) -> ModelVersion:
    """A good version that has not seen the last two events of any user."""
    two_islands(n_users=120)
    version_id = pipeline.start(BEFORE_THE_LAST_TWO, dim=DIM, config=CONFIG)
    pipeline.run(version_id)
    return ModelVersion.objects.get(id=version_id)


def quality(version_id: int) -> dict:
    gates = ModelVersion.objects.get(id=version_id).report["evaluating"]["gates"]
    return next(gate for gate in gates if gate["name"] == "holdout recall@100")


def test_an_equal_recipe_is_measured_and_passes(live):
    version_id = pipeline.start(NOON, dim=DIM, config=CONFIG)

    pipeline.run(version_id)

    # 40 items in all: everybody finds everything among 100.
    assert quality(version_id)["value"] == 1.0


def test_a_worse_recipe_does_not_go_live(live, monkeypatch):
    monkeypatch.setattr("retrieval.offline.holdout.K", 5)
    version_id = pipeline.start(NOON, dim=DIM, config={**CONFIG, "learning_rate": 0.0})

    with pytest.raises(GatesFailed, match=r"holdout recall@100 is .* not below v"):
        pipeline.run(version_id)

    assert ModelVersion.objects.get(id=live.id).state == ModelVersion.State.LIVE


def test_without_new_events_since_the_live_version_nothing_is_measured(live):
    version_id = pipeline.start(BEFORE_THE_LAST_TWO, dim=DIM, config=CONFIG)

    pipeline.run(version_id)

    assert quality(version_id)["demand"].startswith("not measured")
