"""Suite `experiments`: the product's own assignment and read-out on users of whom the truth is known.

`aa-end`, `aa-daily`: experiments in which nothing differs; the share in which a difference is claimed, at one look on
the last day, and at a look a day until the planned end (reference: the same looks with the one-look test);
`aa-returning`: the same where users come back and do more every day; `aa-always-valid`: intervals for any time.
`ab-5pct`: +5 % likes are planted, and users as many as the power calculator asks for. `srm`: one user in twenty of
the treatment is lost before the exposure is logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figures import Figure
from experiments.assignment import Arm, RunningExperiment, arms_of
from experiments.hashing import Hashes, unit_hashes
from experiments.statistics import (
    ALPHA,
    COLUMNS,
    METRICS,
    SRM_ALARM,
    Boundary,
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
EFFECT, POWER = 0.05, 0.8
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
    """Whether a difference was claimed: at the end with one test, at any of the planned looks, on any day with
    always-valid intervals, on any day with the test that is for one look."""

    at_end: bool
    daily: bool
    always: bool
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
    return _looked(rows, arms, population.days, metric)


def look_at_returning(population: People, number: int, metric: Metric) -> Looked:
    """As `look`, of nothing: users come back, and each day since the exposure adds to what they did."""
    arms = arms_of(population.hashes, experiment(number))
    random = np.random.default_rng([number, 13])
    # On each day of the rest a share of what the same user does in all: who is keen stays keen.
    parts = [
        random.multinomial(population.rows[:, column].astype(np.int64), np.full(DAYS, 1 / DAYS))
        for column in range(len(COLUMNS) // 2)
    ]
    days = np.arange(DAYS)
    there = days[None, :] >= population.days[:, None]
    grown = [np.where(there, part, 0).cumsum(axis=1) for part in parts]
    looks = []
    for day in range(DAYS):
        seen = population.days <= day
        now = population.rows.copy()
        for column, cumulated in enumerate(grown):
            now[:, column] = cumulated[:, day]
        looks.append([Moments.of(now[seen & (arms == arm)]) for arm in (0, 1)])
    return _judged(looks, len(population.rows), metric)


def _looked(rows: Floats, arms: NDArray[np.integer], days: NDArray[np.int64], metric: Metric) -> Looked:
    """Users do all that they do on the day of their exposure."""
    so_far, looks = [Moments.of(rows[:0])] * 2, []
    for day in range(DAYS):
        so_far = [
            before + Moments.of(rows[(days == day) & (arms == arm)]) for arm, before in enumerate(so_far)
        ]
        looks.append(so_far)
    return _judged(looks, len(rows), metric)


def _judged(looks: Sequence[Sequence[Moments]], planned_users: int, metric: Metric) -> Looked:
    daily = always = by_one_look = False
    end, boundary = None, Boundary.start(ALPHA)
    for day, (control, treatment) in enumerate(looks, 1):
        comparison = compare(control, treatment, metric)
        if comparison is None:
            continue
        end = fixed(comparison)
        by_one_look = by_one_look or end.decided
        always = always or sequential(comparison, planned_users=planned_users).decided
        if (planned := boundary.looked(comparison.information, day / DAYS)) is not None:
            boundary = planned
            daily = daily or abs(comparison.difference) > boundary.bound * comparison.variance**0.5
    return Looked(end is not None and end.decided, daily, always, by_one_look)


def null_figures(experiments: int, users: int) -> list[Figure]:
    """A/A: each experiment has users of its own; the metrics take turns."""
    looked, returning = [], []
    for number in range(experiments):
        population = people(users, np.random.default_rng([number, 7]), first=number * users)
        metric = METRICS[number % len(METRICS)]
        looked.append(look(population, number, metric))
        returning.append(look_at_returning(population, number, metric))
    low, high = nominal_interval(experiments)
    by_one_look = float(np.mean([one.daily_by_one_look for one in looked]))
    cases = [
        ("aa-end", [one.at_end for one in looked], ALPHA),
        ("aa-daily", [one.daily for one in looked], by_one_look),
        ("aa-returning", [one.daily for one in returning], ALPHA),
        ("aa-always-valid", [one.always for one in looked], ALPHA),
    ]
    figures = []
    for case, wrong, reference in cases:
        rate = float(np.mean(wrong))
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
        mean=value(moments, metric),
        variance=spread(moments, metric),
        effect=EFFECT,
        power=POWER,
        alpha=ALPHA,
        looks=DAYS,
    )
    figures = []
    for metric_name, users in (
        ("power", planned.at_end),
        ("power_daily", planned.daily),
        ("power_always_valid", planned.any_time),
    ):
        found = []
        for number in range(experiments):
            random = np.random.default_rng([number, users])
            one = look(people(users, random, first=number * users), number, metric, effect=EFFECT)
            claimed = {"power": one.at_end, "power_daily": one.daily, "power_always_valid": one.always}
            found.append(claimed[metric_name])
        rate = float(np.mean(found))
        figures.append(Figure(SUITE, "ab-5pct", metric_name, rate, "of experiments", experiments, POWER))
        name = metric_name.replace("power", "users")
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
