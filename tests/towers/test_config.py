import pytest

from retrieval.towers.config import InvalidTowerConfig, TowerConfig


def test_a_version_changes_single_settings_and_parts_of_settings():
    config = TowerConfig().overridden(
        {"epochs": 3, "pooling": {"step_decay": 0.9}, "negative_shares": {"hard": 0.5}}
    )

    assert (config.epochs, config.pooling.step_decay, config.negative_shares.hard) == (3, 0.9, 0.5)
    assert config.pooling.weight_power == TowerConfig().pooling.weight_power


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"epoch": 3}, "epoch"),
        ({"start": "middle"}, "spectrum"),
        ({"holdout": "never"}, "newest"),
        ({"loss": "hinge"}, "sampled_softmax"),
        ({"dim": 1}, "dim"),
        ({"temperature": 0}, "temperature"),
        ({"pooling": {"decay": 1}}, "pooling"),
    ],
)
def test_a_setting_that_is_not_there_or_cannot_be_is_named(settings, named):
    with pytest.raises(InvalidTowerConfig, match=named):
        TowerConfig().overridden(settings)


def test_large_data_starts_from_the_spectrum_where_all_items_are_compared():
    assert TowerConfig.for_data(800_000, exact=True).start == "spectrum"
    assert TowerConfig.for_data(800_000, exact=False).start == "random"
    assert TowerConfig.for_data(80_000, exact=True).start == "random"
