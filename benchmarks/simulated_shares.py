"""The bandit of a mix in contexts that truly differ, beside ε-greedy, uniform and the best fixed arm; and whether the
intervals of its off-policy estimates cover the truth.

A seed is a world: six segments, each with its share of the traffic and its own rate at which draws are engaged with by
arm; users differ in how often they do anything. A policy chooses by segment and learns batch by batch. Regret: the
engaged draws that were missed because another arm than the segment's best was drawn, in expectation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figures import Figure
from retrieval.mixes import Bandit
from retrieval.shares.offpolicy import CERTAINTY, Log, Value, policies, value_of
from retrieval.shares.posteriors import posteriors, probabilities
from retrieval.shares.statements import USER_GROUPS

Floats = NDArray[np.float64]
ARMS = ("a", "b", "c", "d")
BANDIT = Bandit(arms={name: {} for name in ARMS})
# As often as the bandit at least: its floor is that of each arm.
EPSILON = BANDIT.floor * len(ARMS)
_ESTIMATORS = ("ips", "snips", "doubly_robust")


@dataclass(frozen=True, slots=True)
class World:
    """rates: float64 [segments, arms], of draws that are engaged with; traffic: [segments], adds up to 1; eager:
    [users], 1 on average."""

    rates: Floats
    traffic: Floats
    eager: Floats

    @classmethod
    def of(cls, seed: int, *, segments: int = 6, users: int = 4_000) -> "World":
        """A segment's rate is 8 to 20 %; an arm is a fifth better or worse there, give or take."""
        random = np.random.default_rng([seed, 3])
        base = random.uniform(0.08, 0.2, (segments, 1))
        effects = np.exp(random.normal(0, 0.25, (segments, len(ARMS))))
        return cls(base * effects, random.dirichlet(np.full(segments, 5.0)), random.gamma(4, 1 / 4, users))

    @property
    def best_fixed(self) -> int:
        """The arm that is best where everybody gets the same."""
        return int((self.traffic @ self.rates).argmax())


# (draws and how many were engaged with, both [segments, arms]; the world, for who knows it) -> [segments, arms]: the
# chance of each arm.
Policy = Callable[[Floats, Floats, World], Floats]


def thompson(draws: Floats, engaged: Floats, world: World) -> Floats:
    """The product's own, with its floor."""
    alpha, beta = posteriors(BANDIT, draws, engaged)
    return probabilities(alpha[1:], beta[1:], floor=BANDIT.floor)


def epsilon_greedy(draws: Floats, engaged: Floats, world: World) -> Floats:
    """The segment's best so far, but any arm at random as often as the bandit's floor says (Sutton and Barto 2018)."""
    alpha, beta = posteriors(BANDIT, draws, engaged)
    best = (alpha / (alpha + beta))[1:].argmax(axis=1)
    chosen: Floats = EPSILON / len(ARMS) + (1 - EPSILON) * np.eye(len(ARMS))[best]
    return chosen


def uniform(draws: Floats, engaged: Floats, world: World) -> Floats:
    """Every arm as often as any other."""
    return np.full(draws.shape, 1 / len(ARMS))


def best_fixed(draws: Floats, engaged: Floats, world: World) -> Floats:
    """What an experiment that told no segments apart would have found, had it been free: known from the start."""
    return np.broadcast_to(np.eye(len(ARMS))[world.best_fixed], draws.shape)


POLICIES: Mapping[str, Policy] = {
    "thompson": thompson,
    "epsilon-greedy": epsilon_greedy,
    "uniform": uniform,
    "best-fixed": best_fixed,
}


@dataclass(frozen=True, slots=True)
class Run:
    """regret: of all draws; log: what the product would have stored of them."""

    regret: float
    log: Log


def run(policy: Policy, world: World, *, seed: int, draws: int, batch: int) -> Run:
    """One policy in one world."""
    random = np.random.default_rng([seed, 4])
    shape = (*world.rates.shape, USER_GROUPS)
    log = Log(*np.zeros((5, *shape)))
    regret = 0.0
    missed = world.rates.max(axis=1, keepdims=True) - world.rates
    for _ in range(draws // batch):
        chances = policy(log.draws.sum(axis=2), log.engaged.sum(axis=2), world)
        users = random.integers(len(world.eager), size=batch)
        segments = random.choice(len(world.traffic), size=batch, p=world.traffic)
        until = chances[segments].cumsum(axis=1)
        arms = np.minimum((random.random((batch, 1)) >= until).sum(axis=1), len(ARMS) - 1)
        engaged = random.random(batch) < world.rates[segments, arms] * world.eager[users]
        regret += float(missed[segments, arms].sum())
        weight = 1 / chances[segments, arms]
        places = (segments, arms, users % USER_GROUPS)
        for sums, values in (
            (log.draws, np.ones(batch)),
            (log.engaged, engaged),
            (log.weight, weight),
            (log.engaged_weight, weight * engaged),
            (log.squared_weight, weight**2),
        ):
            np.add.at(sums, places, values)
    return Run(regret, log)


def regret_figures(seeds: int = 20, draws: int = 40_000, batch: int = 400) -> list[Figure]:
    """Means over the worlds with intervals of 95 % (Student's t); reference: uniform."""
    worlds = [World.of(seed) for seed in range(seeds)]
    regrets = {
        name: np.array(
            [
                run(policy, world, seed=seed, draws=draws, batch=batch).regret
                for seed, world in enumerate(worlds)
            ]
        )
        for name, policy in POLICIES.items()
    }
    beside = float(regrets["uniform"].mean())
    figures = []
    for name, regret in regrets.items():
        half = float(stats.t.ppf(0.975, seeds - 1) * regret.std(ddof=1) / np.sqrt(seeds))
        mean, case = float(regret.mean()), f"source-shares-{name}"
        figures += [
            Figure("bandit", case, "regret", mean, "engaged draws", seeds, beside),
            Figure("bandit", case, "regret_low", mean - half, "engaged draws", seeds),
            Figure("bandit", case, "regret_high", mean + half, "engaged draws", seeds),
        ]
    return figures


def calibration_figures(logs: int = 150, draws: int = 4_000, batch: int = 200) -> list[Figure]:
    """How often intervals cover the truth, of logs that the bandit itself made while it was learning; reference: how
    often they promise to."""
    covered: dict[str, list[bool]] = {name: [] for name in _ESTIMATORS}
    for seed in range(logs):
        # Another world each time, of other users: chance is in both.
        world = World.of(10_000 + seed, users=1_000)
        world = replace(world, eager=world.eager / world.eager.mean())
        log = run(thompson, world, seed=seed, draws=draws, batch=batch).log
        for truth, value in _values(world, log):
            for name in _ESTIMATORS:
                interval = getattr(value, name)
                covered[name].append(interval.low <= truth <= interval.high)
    return [
        Figure(
            "bandit",
            "source-shares-off-policy",
            f"coverage_{name}",
            float(np.mean(found)),
            "of intervals",
            len(found),
            CERTAINTY,
        )
        for name, found in covered.items()
    ]


def _values(world: World, log: Log) -> Sequence[tuple[float, Value]]:
    """Of each arm always, and of all alike: (what it truly brings, what is estimated)."""
    found = [
        (float(world.traffic @ world.rates @ chances), value_of(log, chances, prior=_prior()))
        for chances in policies(ARMS).values()
    ]
    return [(truth, value) for truth, value in found if value is not None]


def _prior() -> tuple[float, float]:
    return BANDIT.prior_rate, BANDIT.prior_draws


def figures() -> list[Figure]:
    return [*regret_figures(), *calibration_figures()]
