from collections import Counter

from experiments.assignment import Arm, RunningExperiment, assign, bucket

HALF = RunningExperiment("half", "salt-1", "default", (Arm("treatment", 5_000, 7),))


def variants(experiment: RunningExperiment, people: int) -> list[str]:
    return [assign(f"u{i}", "default", [experiment])[0].variant for i in range(people)]


def test_a_unit_always_gets_the_same_variant():
    assert variants(HALF, 50) == variants(HALF, 50)


def test_shares_are_kept_in_steps_of_a_hundredth_of_a_percent():
    three = RunningExperiment("three", "salt-2", "default", (Arm("a", 500, 1), Arm("b", 2_000, 2)))

    counts = Counter(variants(three, 40_000))

    # Four standard errors of a share p of 40,000: 4 × √(p(1−p)/40,000).
    assert abs(counts["a"] / 40_000 - 0.05) < 0.0044
    assert abs(counts["b"] / 40_000 - 0.20) < 0.0080
    assert abs(counts["control"] / 40_000 - 0.75) < 0.0087


def test_experiments_with_other_salts_are_independent():
    other = RunningExperiment("other", "salt-3", "default", HALF.arms)

    both = Counter(zip(variants(HALF, 40_000), variants(other, 40_000), strict=True))

    assert all(abs(count / 40_000 - 0.25) < 0.0087 for count in both.values())


def test_the_control_is_served_what_is_published():
    control = next(a for i in range(100) if (a := assign(f"u{i}", "default", [HALF])[0]).variant == "control")

    assert control.mix_revision is None


def test_an_experiment_of_another_surface_does_not_touch_the_request():
    assert assign("u1", "emails", [HALF]) == []


def test_buckets_cover_the_whole_range():
    seen = {bucket("s", str(i)) for i in range(200_000)}

    assert min(seen) == 0
    assert max(seen) == 9_999
    assert len(seen) == 10_000
