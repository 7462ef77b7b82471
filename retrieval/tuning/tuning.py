"""A mix, learned: weights and quotas on half of the users, the promised gain on the others."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.installed import FEWEST_USERS, HONEST, NothingToJudge
from retrieval.merging import FEATURES
from retrieval.mixes import Mix, parse_mix
from retrieval.tuning.cross_entropy import Floats
from retrieval.tuning.gains import Gain, gain, recall_as_merged
from retrieval.tuning.learning import FEWEST_USERS as FEWEST_OF_A_SEGMENT
from retrieval.tuning.learning import Settings, learn, split_rows
from retrieval.tuning.pools import Pools, pools_of, variety
from retrieval.tuning.probability import as_probability
from retrieval.tuning.quotas import DEEPER, Quotas, at_quotas, learn_quotas
from retrieval.tuning.recording import Recorded
from retrieval.tuning.traits import traits_of

# Users with fewer events than these are ranked by weights of their own.
SEGMENTS: Mapping[str, int] = {"cold": 1, "light": 20}
WARM = "warm"
NEWCOMER_QUOTA = 300
_MOST_QUOTA = 5_000


@dataclass(frozen=True, slots=True)
class Tuned:
    """body: of the mix that was learned; gain: of all users who were not learned from, `gains` by segment. coverage and
    diversity: of the first 100, as shares of the present mix's. left_out: sources that may know what came after."""

    body: dict[str, Any]
    gain: Gain
    gains: Mapping[str, Gain]
    coverage: float
    diversity: float
    left_out: Sequence[str]
    learned_from: int
    depths: tuple[int, ...] = field(default=(20, 100))

    def note(self) -> str:
        """What a person should know before she publishes it; at most 500 characters."""
        at = " and ".join(str(depth) for depth in self.depths)
        parts = "; ".join(f"{name} {one}" for name, one in self.gains.items())
        return (
            f"Tuned. Expected recall, mean at {at}: {self.gain}, of users it did not learn from. {parts}. Coverage "
            f"×{self.coverage:.2f}, diversity ×{self.diversity:.2f}."
        )[:500]


def mix_to_record(body: dict[str, Any]) -> tuple[Mix, list[str]]:
    """(the mix whose pools are to be recorded, with quotas as deep as may be learned; the sources left out, since
    they may know what came after)."""
    left_out = [slot["name"] for slot in body["sources"] if slot["name"] not in HONEST]
    slots = [
        {**slot, "quota": min(DEEPER * slot.get("quota", 100), _MOST_QUOTA)}
        for slot in body["sources"]
        if slot["name"] not in left_out
    ]
    segments = [
        {
            **one,
            "calibration": {name: own for name, own in one["calibration"].items() if name not in left_out},
        }
        for one in body.get("segments", [])
    ]
    return parse_mix({**body, "sources": slots, "segments": segments}), left_out


def with_sources(body: dict[str, Any], more: Sequence[str]) -> dict[str, Any]:
    """The body with a slot for each of these sources, at the end where it had none."""
    whole = copy.deepcopy(body)
    named = {slot["name"] for slot in whole["sources"]}
    whole["sources"] += [
        {"name": name, "quota": NEWCOMER_QUOTA, "weight": 0.0, "limit_ms": 150}
        for name in more
        if name not in named
    ]
    return whole


def tune(
    recorded: Sequence[Recorded],
    body: dict[str, Any],
    *,
    k: int,
    left_out: Sequence[str],
    settings: Settings,
    say: Callable[[str], object] = lambda _: None,
) -> Tuned:
    """The mix that does best on these recorded requests. body: of the present mix, with all sources that were recorded.
    Raises NothingToJudge where there are too few users."""
    users = np.unique([one.user for one in recorded])
    if len(users) < FEWEST_USERS:
        raise NothingToJudge(
            f"{len(users)} users newly liked something in the validation period, too few to learn from "
            f"({FEWEST_USERS})."
        )
    mix = parse_mix(body)
    task = _Task(recorded, mix, k, settings)
    random = np.random.default_rng(settings.seed)
    numbers = np.searchsorted(users, [one.user for one in recorded])
    learned, judged = split_rows(numbers, 0.5, random)
    weights = task.learn_weights(learned, task.quotas)
    say(f"weights learned from {len(learned):,} requests")
    quotas = task.learn_quotas(learned, weights)
    say("quotas learned")
    own = task.learn_segments(learned, quotas, weights)
    found = _Found(quotas, own, *task.probability(learned, quotas, own[WARM]))
    return task.judged(judged, found, body, left_out)


@dataclass(frozen=True, slots=True)
class _Found:
    quotas: Quotas
    weights: Mapping[str, Floats]  # by segment
    scale: float
    bias: float


class _Task:
    def __init__(self, recorded: Sequence[Recorded], mix: Mix, k: int, settings: Settings) -> None:
        self.recorded, self.mix, self.k, self.settings = recorded, mix, k, settings
        self.sources = recorded[0].sources
        slots = [mix.slot(name) for name in self.sources]
        self.quotas = np.array([slot.quota for slot in slots], np.int64)
        # What learning begins at, and holds on to: of a source that fades, what it counts with these people.
        left = np.mean([one.fading for one in recorded], axis=0)
        self.present = (np.array([slot.coefficients for slot in slots]) * left[:, None]).ravel()
        self.item_ids = np.unique(np.concatenate([one.item_ids for one in recorded]))
        self.traits = traits_of(self.item_ids)

    def pools(self, rows: Iterable[int], quotas: Quotas) -> Pools:
        return pools_of([self.shallow(row, quotas) for row in rows], self.item_ids)

    def shallow(self, row: int, quotas: Quotas) -> Recorded:
        return at_quotas(self.recorded[row], quotas, k=self.k, overfetch=self.mix.overfetch)

    def learn_weights(self, rows: NDArray[np.int64], quotas: Quotas) -> Floats:
        return learn(self.pools(rows.tolist(), quotas), self.present, self.traits, self.settings)

    def learn_quotas(self, rows: NDArray[np.int64], weights: Floats) -> Quotas:
        return learn_quotas(
            [self.recorded[row] for row in rows.tolist()],
            self.quotas,
            weights,
            self.item_ids,
            k=self.k,
            overfetch=self.mix.overfetch,
            depths=self.settings.depths,
        )

    def learn_segments(self, rows: NDArray[np.int64], quotas: Quotas, weights: Floats) -> dict[str, Floats]:
        """By segment: weights of its own, learned from everybody's, where it has enough users and is not everybody."""
        own = dict.fromkeys((*SEGMENTS, WARM), weights)
        for name in own:
            some = rows[self.segment_of(rows) == name]
            users = {self.recorded[row].user for row in some.tolist()}
            if len(users) >= FEWEST_OF_A_SEGMENT and len(some) < len(rows):
                own[name] = learn(self.pools(some.tolist(), quotas), weights, self.traits, self.settings)
        return own

    def segment_of(self, rows: NDArray[np.int64]) -> NDArray[np.str_]:
        counts = np.array([self.recorded[row].event_count for row in rows.tolist()])
        names, bounds = [*SEGMENTS, WARM], list(SEGMENTS.values())
        return np.array(names)[np.searchsorted(bounds, counts, side="right")]

    def probability(self, rows: NDArray[np.int64], quotas: Quotas, weights: Floats) -> tuple[float, float]:
        return as_probability(self.pools(rows.tolist(), quotas), weights)

    def judged(
        self, rows: NDArray[np.int64], found: _Found, body: dict[str, Any], left_out: Sequence[str]
    ) -> Tuned:
        quotas, weights = found.quotas, found.weights
        depths, segments = self.settings.depths, self.segment_of(rows)
        pools = self.pools(rows.tolist(), quotas)
        tuned = np.empty(len(rows))
        for name in np.unique(segments).tolist():
            its = np.flatnonzero(segments == name)
            tuned[its] = pools.take(its).recalls(weights[name][None], depths).mean(axis=(0, 2))
        shallow = [self.shallow(row, self.quotas) for row in rows.tolist()]
        present = np.array([recall_as_merged(one, self.mix.merge, depths) for one in shallow])
        before = variety(self.pools(rows.tolist(), self.quotas), self.present, self.traits)
        after = variety(pools, weights[WARM], self.traits)
        return Tuned(
            body=self.body(body, found),
            gain=gain(present, tuned, pools.users),
            gains={
                name: gain(present[segments == name], tuned[segments == name], pools.users[segments == name])
                for name in (*SEGMENTS, WARM)
                if (segments == name).any()
            },
            coverage=after[0] / before[0] if before[0] else 1.0,
            diversity=after[1] / before[1] if before[1] else 1.0,
            left_out=left_out,
            learned_from=len(self.recorded) - len(rows),
            depths=depths,
        )

    def body(self, body: dict[str, Any], found: _Found) -> dict[str, Any]:
        tuned = {**copy.deepcopy(body), "merge": "calibrated", "bias": round(found.bias, 4)}
        weights = {name: found.scale * one for name, one in found.weights.items()}
        shared = self.calibrations(weights[WARM])
        quota_of = dict(zip(self.sources, found.quotas.tolist(), strict=True))
        for slot in tuned["sources"]:
            if slot["name"] in shared:
                # What was learned, for segments too, is of everybody as she is: nothing is left to fade.
                slot.pop("fade_events", None)
                slot |= {"quota": quota_of[slot["name"]], "calibration": shared[slot["name"]]}
        tuned["segments"] = [
            {"below_events": below, "calibration": self.calibrations(weights[name])}
            for name, below in SEGMENTS.items()
            if (weights[name] != weights[WARM]).any()
        ]
        parse_mix(tuned)
        return tuned

    def calibrations(self, weights: Floats) -> dict[str, dict[str, float]]:
        rows = weights.reshape(-1, len(FEATURES)).tolist()
        return {
            source: {name: round(value, 4) for name, value in zip(FEATURES, row, strict=True)}
            for source, row in zip(self.sources, rows, strict=True)
        }
