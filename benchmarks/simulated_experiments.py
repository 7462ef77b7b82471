"""Suite `experiments`: the product's own assignment and read-out on users of whom the truth is known.

`aa-end`, `aa-daily`: experiments in which nothing differs; the share in which a difference is claimed, at one look on
the last day, and at a look a day with the always-valid intervals (reference: the same looks with the one-look test).
`ab-5pct`: +5 % likes are planted, and users as many as the power calculator asks for. `srm`: one user in twenty of
the treatment is lost before the exposure is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figures import Figure
from experiments.assignment import Arm, RunningExperiment, arms_of
from experiments.hashing import Hashes, unit_hashes
from experiments.statistics import (
    COLUMNS,
    METRICS,
    SRM_ALARM,
    Metric,
    Moments,
    compare,
    fixed,
    plan,
    sample_ratio_p,
    sequential,
    spread,
    value,
)

Floats = NDArray[np.float64]
SUITE = "experiments"
EFFECT, POWER, ALPHA = 0.05, 0.8, 0.05
DAYS = 14
_LOST = 1 / 20


@dataclass(frozen=True, slots=True)
class People:
    """hashes: uint64 [n]; rows: float64 [n, columns], as they are without any experiment; days: int64 [n], from 0, on
    which each is exposed."""

    hashes: Hashes
    rows: Floats
    days: NDArray[np.int64]


def people(n: int, random: np.random.Generator, *, first: int = 0) -> People:
    """Keen people do more before and after: of likes about a third of the variance is there beforehand."""
    keen = random.gamma(2.0, 0.5, n)
    shown, before = random.poisson(30 * keen) + 1, random.poisson(30 * keen) + 1
    rows = {
        "impressions": shown,
        # Who is keen isn't shown more only, but likes what is shown more or less often.
        "clicks": random.binomial(shown, rate := random.beta(4, 36, n)),
        "likes": random.poisson(2.0 * keen),
        "events": random.poisson(6.0 * keen),
        "impressions_before": before,
        "clicks_before": random.binomial(before, rate),
        "likes_before": random.poisson(2.0 * keen),
        "events_before": random.poisson(6.0 * keen),
    }
    columns = np.column_stack([rows[name] for name in COLUMNS]).astype(np.float64)
    return People(unit_hashes(f"u{first + i}" for i in range(n)), columns, random.integers(0, DAYS, n))


def experiment(number: int) -> RunningExperiment:
    """Half and half of everybody, with salts of its own."""
    arms = (Arm(1, "control", 5_000, control=True), Arm(2, "treatment", 5_000))
    return RunningExperiment(number, f"e{number}", f"e{number}", f"l{number}", "", (0, 10_000), arms)


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether a difference was claimed: at the end with one test, on any day with always-valid intervals, on any day
    with the test that is for one look."""

    at_end: bool
    daily: bool
    daily_by_one_look: bool


def look(population: People, number: int, metric: Metric, *, effect: float = 0.0) -> Looked:
    """One experiment, looked at after each day. effect: what is added to the treatment's likes, relative."""
    arms = arms_of(population.hashes, experiment(number))
    rows = population.rows
    if effect:
        random = np.random.default_rng([number, 9])
        likes = COLUMNS.index("likes")
        rows = rows.copy()
        # A like more from some: in expectation each has `effect` more.
        rows[:, likes] += (arms == 1) * random.poisson(effect * rows[:, likes].mean(), len(rows))
    daily = always = False
    end = None
    so_far = [Moments.of(rows[:0])] * 2
    for day in range(DAYS):
        today = population.days == day
        so_far = [before + Moments.of(rows[today & (arms == arm)]) for arm, before in enumerate(so_far)]
        comparison = compare(so_far[0], so_far[1], metric)
        if comparison is None:
            continue
        end = fixed(comparison)
        daily = daily or end.decided
        always = always or sequential(comparison, planned_users=len(rows)).decided
    return Looked(end is not None and end.decided, always, daily)


def null_figures(experiments: int, users: int) -> list[Figure]:
    """A/A: each experiment has users of its own; the metrics take turns."""
    looked = []
    for number in range(experiments):
        population = people(users, np.random.default_rng([number, 7]), first=number * users)
        looked.append(look(population, number, METRICS[number % len(METRICS)]))
    low, high = nominal_interval(experiments)
    cases: list[tuple[str, Callable[[Looked], bool], float]] = [
        ("aa-end", lambda one: one.at_end, ALPHA),
        ("aa-daily", lambda one: one.daily, float(np.mean([one.daily_by_one_look for one in looked]))),
    ]
    figures = []
    for case, wrong, reference in cases:
        rate = float(np.mean([wrong(one) for one in looked]))
        figures += [
            Figure(SUITE, case, "false_positive_rate", rate, "of experiments", experiments, reference),
            Figure(SUITE, case, "nominal_low", low, "of experiments", experiments),
            Figure(SUITE, case, "nominal_high", high, "of experiments", experiments),
        ]
    return figures


def nominal_interval(experiments: int) -> tuple[float, float]:
    """Between which rates 95 in 100 tests of exactly 5 % come out, with so many experiments."""
    low, high = stats.binom.interval(0.95, experiments, ALPHA)
    return float(low / experiments), float(high / experiments)


def power_figures(experiments: int) -> list[Figure]:
    """A planted +5 % of likes, with as many users as the calculator asks for: for one look, and for a look a day."""
    metric = next(one for one in METRICS if one.name == "likes")
    pilot = people(20_000, np.random.default_rng(5))
    moments = Moments.of(pilot.rows)
    planned = plan(
        mean=value(moments, metric), variance=spread(moments, metric), effect=EFFECT, power=POWER, alpha=ALPHA
    )
    figures = []
    for metric_name, users in (("power", planned.at_end), ("power_daily", planned.any_time)):
        found = []
        for number in range(experiments):
            random = np.random.default_rng([number, users])
            one = look(people(users, random, first=number * users), number, metric, effect=EFFECT)
            found.append(one.at_end if metric_name == "power" else one.daily)
        rate = float(np.mean(found))
        figures.append(Figure(SUITE, "ab-5pct", metric_name, rate, "of experiments", experiments, POWER))
        name = "users" if metric_name == "power" else "users_daily"
        figures.append(Figure(SUITE, "ab-5pct", name, float(users), "users", experiments))
    detected = Figure(SUITE, "ab-5pct", "detected", figures[2].value, "of experiments", experiments, POWER)
    return [*figures, detected]


def mismatch_figures(experiments: int, users: int = 100_000) -> list[Figure]:
    """The share of planted mismatches that are flagged, and of experiments without one that are flagged too."""
    hashes = unit_hashes(f"u{i}" for i in range(users))
    flagged, falsely = [], []
    for number in range(experiments):
        arms = arms_of(hashes, experiment(number))
        lost = np.random.default_rng([number, 11]).random(users) < _LOST
        counts = np.bincount(arms, minlength=2)
        left = np.bincount(arms[~(lost & (arms == 1))], minlength=2)
        flagged.append(sample_ratio_p(left.tolist(), [5_000, 5_000]) < SRM_ALARM)
        falsely.append(sample_ratio_p(counts.tolist(), [5_000, 5_000]) < SRM_ALARM)
    unit = "of experiments"
    return [
        Figure(SUITE, "srm", "detected", float(np.mean(flagged)), unit, experiments),
        Figure(SUITE, "srm", "false_positive_rate", float(np.mean(falsely)), unit, experiments, SRM_ALARM),
    ]


def figures(experiments: int = 1000, users: int = 2_000) -> list[Figure]:
    """All of the suite."""
    return [
        *null_figures(experiments, users),
        *power_figures(experiments * 2 // 5),
        *mismatch_figures(experiments // 2),
    ]
