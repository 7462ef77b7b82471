"""The simulator of experiments, in sizes of which the outcome is plain."""

import numpy as np
import pytest

from benchmarks.simulated_experiments import (
    DAYS,
    look,
    mismatch_figures,
    nominal_interval,
    null_figures,
    people,
)
from experiments.statistics import COLUMNS, METRICS

CLICK_THROUGH, LIKES, _ = METRICS


def test_what_is_planted_largely_is_found_and_what_is_not_is_not():
    population = people(4_000, np.random.default_rng(1))

    planted, nothing = look(population, 3, LIKES, effect=0.5), look(population, 3, LIKES)

    assert planted.at_end
    assert planted.daily
    assert not nothing.at_end
    assert not nothing.daily


def test_people_do_alike_before_and_after():
    rows = people(5_000, np.random.default_rng(2)).rows

    assert rows.shape == (5_000, len(COLUMNS))
    assert np.corrcoef(rows[:, 2], rows[:, 6])[0, 1] > 0.3
    assert rows[:, :4].mean(axis=0) == pytest.approx(rows[:, 4:].mean(axis=0), rel=0.1)


def test_the_figures_have_the_cases_and_metrics_of_the_suite():
    found = {(one.case, one.metric): one.value for one in [*null_figures(6, 600), *mismatch_figures(5)]}

    assert set(found) >= {
        ("aa-end", "false_positive_rate"),
        ("aa-daily", "false_positive_rate"),
        ("srm", "detected"),
        ("srm", "false_positive_rate"),
    }
    assert found["srm", "detected"] == 1
    assert found["srm", "false_positive_rate"] == 0


def test_the_interval_of_the_nominal_rate_is_that_of_a_thousand_coins():
    assert nominal_interval(1_000) == (0.037, 0.064)
    assert DAYS > 7
