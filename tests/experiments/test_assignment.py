from dataclasses import replace

import numpy as np
import pytest

from experiments.assignment import Arm, RunningExperiment, Settings, arms_of, assign
from experiments.hashing import bucket, buckets, unit_hash, unit_hashes

PEOPLE = [f"u{i}" for i in range(40_000)]
HASHES = unit_hashes(PEOPLE)
ARMS = (
    Arm(1, "control", 5_000, control=True),
    Arm(2, "b", 3_000, settings=Settings(mix_revision=7)),
    Arm(3, "c", 2_000),
)
ALL = RunningExperiment(1, "all", "salt-1", "layer-1", "default", (0, 10_000), ARMS)


def test_one_user_and_many_get_the_same_arms():
    some = replace(ALL, places=(0, 700, 2_000, 6_000))

    one_by_one = [next((a.arm.id for a in assign(user, "default", [some])), 0) for user in PEOPLE[:500]]

    assert (arms_of(HASHES[:500], some) + 1).tolist() == one_by_one
    assert buckets("s", HASHES[:50]).tolist() == [bucket("s", unit_hash(user)) for user in PEOPLE[:50]]


def test_where_a_user_falls_never_changes_between_releases():
    assert [bucket("salt", unit_hash(user)) for user in ("ann", "ben", "ü")] == [3201, 1960, 3899]


def test_shares_are_kept():
    counts = np.bincount(arms_of(HASHES, ALL), minlength=3)

    # Four standard errors of a share p of 40,000: 4 × √(p(1−p)/40,000).
    for count, share in zip(counts, (0.5, 0.3, 0.2), strict=True):
        assert abs(count / 40_000 - share) < 4 * np.sqrt(share * (1 - share) / 40_000)


def test_traffic_goes_in_steps_of_a_hundredth_of_a_percent():
    one_step, two = (int((arms_of(HASHES, replace(ALL, places=(0, size))) >= 0).sum()) for size in (1, 2))

    assert 0 < one_step < 4 + 4 * 2 + 1  # 4 expected
    assert one_step <= two < 8 + 4 * 3


@pytest.mark.parametrize("change", [{"salt": "salt-2"}, {"salt": "salt-2", "layer_salt": "layer-2"}])
def test_experiments_are_independent(change):
    other = arms_of(HASHES, replace(ALL, **change))

    together = np.bincount(3 * arms_of(HASHES, ALL) + other, minlength=9) / 40_000

    expected = np.outer([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]).ravel()
    assert (abs(together - expected) < 4 * np.sqrt(expected * (1 - expected) / 40_000)).all()


def test_who_is_in_an_experiment_says_nothing_of_the_arm():
    inside = arms_of(HASHES, replace(ALL, places=(0, 1_000)))

    there = inside[inside >= 0]
    assert abs((there == 0).mean() - 0.5) < 4 * np.sqrt(0.25 / len(there))


def test_experiments_on_one_layer_exclude_each_other():
    one = replace(ALL, places=(0, 5_000))
    other = replace(ALL, salt="salt-2", places=(5_000, 10_000))

    assert ((arms_of(HASHES, one) >= 0) != (arms_of(HASHES, other) >= 0)).all()


def test_ramping_moves_nobody_from_one_arm_to_another():
    before, after = (arms_of(HASHES, replace(ALL, places=(0, size))) for size in (500, 6_000))

    there = before >= 0
    assert there.sum() > 1_000
    assert (before[there] == after[there]).all()


def test_an_experiment_of_another_surface_does_not_touch_the_request():
    assert assign("u1", "emails", [ALL]) == []
    assert assign("u1", "emails", [replace(ALL, surface="")]) != []


def test_a_forced_user_gets_the_variant_from_outside_the_experiment_too():
    (assignment,) = assign("ann", "default", [replace(ALL, places=(), forced={"ann": 1})])

    assert (assignment.arm.name, assignment.forced) == ("b", True)


def test_whoever_is_held_out_is_in_nothing_else():
    holdout = replace(ALL, id=2, name="holdout", salt="h", layer_salt="hl", places=(0, 2_000), holdout=True)

    names = [
        {a.experiment.name: a.arm.name for a in assign(u, "default", [ALL, holdout])} for u in PEOPLE[:3_000]
    ]

    held = [one for one in names if one.get("holdout") == "control"]
    assert 200 < len(held) < 400
    assert all(one == {"holdout": "control"} for one in held)
    assert all("all" in one for one in names if one.get("holdout") != "control")
