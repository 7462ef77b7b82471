"""`make simulate [JSON=path]`: Thompson sampling on a known click model beside ε-greedy, UCB and uniform exploration;
then the bandit of a mix (benchmarks/simulated_shares.py), and experiments of which the truth is known
(benchmarks/simulated_experiments.py).

Each seed is a world of new items: most are clicked on rarely, one in ten is good. A policy chooses an item for each
impression and learns of the clicks batch by batch, as the product learns of them every few seconds. Regret: the clicks
that were missed because another item than the best was shown, in expectation, so that luck in clicking is no merit.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

import django
import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from benchmarks import simulated_experiments, simulated_shares  # noqa: E402
from benchmarks.figures import Figure, publish  # noqa: E402
from benchmarks.policies import POLICIES, Policy, Seen  # noqa: E402
from coldstart.bandit.budget import Spent  # noqa: E402
from coldstart.exploration.arms import Newcomers, TrialRow, newcomers_of  # noqa: E402
from coldstart.exploration.choosing import Person, choose  # noqa: E402
from coldstart.exploration.config import config  # noqa: E402

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """rates: float64 [n], the probability that an impression of each item is clicked on; good: bool [n]."""

    rates: Floats
    good: NDArray[np.bool_]

    @classmethod
    def of(cls, seed: int, items: int = 100) -> "World":
        """Nine in ten items: Beta(1, 99), a mean of 1 %. One in ten: 4 to 8 %."""
        random = np.random.default_rng([seed, 1])
        good = np.arange(items) < items // 10
        rates = np.where(good, random.uniform(0.04, 0.08, items), random.beta(1, 99, items))
        return cls(rates, good)


@dataclass(frozen=True, slots=True)
class Run:
    """regret: in all; found: share of good items known to be good, at a quarter of the impressions and at the end."""

    regret: float
    found: tuple[float, float]


def run(policy: Policy, world: World, *, seed: int, impressions: int, batch: int) -> Run:
    """One policy in one world."""
    random = np.random.default_rng([seed, 2])
    rules = config()
    shown, clicked = np.zeros(len(world.rates)), np.zeros(len(world.rates))
    regret, found = 0.0, []
    batches = impressions // batch
    for done in range(1, batches + 1):
        arms = policy(Seen(shown, clicked, (rules.prior_alpha, rules.prior_beta)), batch, random)
        clicks = random.random(batch) < world.rates[arms]
        np.add.at(shown, arms, 1)
        np.add.at(clicked, arms, clicks)
        regret += float((world.rates.max() - world.rates[arms]).sum())
        if done in (batches // 4, batches):
            found.append(float(_proven(shown, clicked)[world.good].mean()))
    return Run(regret, (found[0], found[-1]))


def _proven(shown: Floats, clicked: Floats) -> NDArray[np.bool_]:
    """Which items the product would let graduate by now."""
    rules = config()
    low = special.betaincinv(
        rules.prior_alpha + clicked, rules.prior_beta + shown - clicked, (1 - rules.certainty) / 2
    )
    return np.asarray((low >= rules.graduate_rate) & (shown >= rules.least_exposures), np.bool_)


def figures_of(name: str, runs: Sequence[Run], reference: Sequence[Run]) -> list[Figure]:
    """Means over the seeds with intervals of 95 % (Student's t); beside uniform exploration's."""
    regret = np.array([one.regret for one in runs])
    beside = float(np.mean([one.regret for one in reference]))
    low, high = interval(regret)
    n = len(runs)
    figures = [
        Figure("bandit", name, "regret", float(regret.mean()), "clicks", n, beside),
        Figure("bandit", name, "regret_low", low, "clicks", n),
        Figure("bandit", name, "regret_high", high, "clicks", n),
    ]
    found = np.array([one.found for one in runs]).mean(axis=0)
    return [
        *figures,
        Figure("bandit", name, "share_found", float(found[1]), "of good items", n),
        Figure("bandit", name, "share_found_at_a_quarter", float(found[0]), "of good items", n),
    ]


def interval(values: Floats) -> tuple[float, float]:
    """(low, high) of the mean, 95 %."""
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def choosing_ms(items: int = 5_000, requests: int = 500) -> list[Figure]:
    """Milliseconds of CPU that a request takes to choose among so many new items, 2,000 of them arms of the bandit."""
    rules, newcomers = config(), _many(items)
    never, nobody = np.arange(items + 1, items + 2_001), np.empty(0, np.int64)
    took = []
    for user in range(1, requests + 1):
        began = time.thread_time()
        choose(newcomers, Person(user, never, nobody), k=1000, now_s=1, request_id=str(user), rules=rules)
        took.append((time.thread_time() - began) * 1000)
    return [
        Figure(
            "exploration", f"{items}-items", f"p{q}_ms", float(np.percentile(took, q)), "ms", requests, 1.0
        )
        for q in (50, 95)
    ]


def _many(items: int) -> Newcomers:
    rows = [TrialRow(i, i % 500, 0.01, 0, int(i <= 2_000), 0.75, 50.0) for i in range(1, items + 1)]
    return newcomers_of(rows, [], prior_weight=50, spent=Spent(), version="", random=np.random.default_rng(0))


def main(seeds: int = 20, impressions: int = 60_000, batch: int = 400) -> None:
    worlds = [World.of(seed) for seed in range(seeds)]
    runs = {
        name: [
            run(policy, world, seed=seed, impressions=impressions, batch=batch)
            for seed, world in enumerate(worlds)
        ]
        for name, policy in POLICIES.items()
    }
    figures = [figure for name in runs for figure in figures_of(name, runs[name], runs["uniform"])]
    publish(
        [*figures, *choosing_ms()],
        title=f"{len(worlds[0].rates)} new items, {impressions:,} impressions, {seeds} worlds; "
        "reference: uniform exploration, and 1 ms for choosing",
    )
    publish(
        simulated_shares.figures(),
        title="The shares of a mix's sources in six segments; reference: uniform, and the promised coverage",
    )
    publish(
        simulated_experiments.figures(),
        title="Experiments of which the truth is known; reference: the nominal rate, the one-look test at every look, "
        "the promised power",
    )


if __name__ == "__main__":
    main()
