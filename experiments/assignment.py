"""Which variant a unit gets: a salted hash, so the same everywhere, with nothing stored (Bakshy et al. 2014)."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.models import Experiment

BUCKETS = 10_000  # 0.01 % each
CONTROL = "control"
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant of a running experiment; shares are buckets out of 10,000."""

    name: str
    share: int
    mix_revision: int


@dataclass(frozen=True, slots=True)
class RunningExperiment:
    name: str
    salt: str
    surface: str
    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`mix_revision` is None for the control, which gets what is published."""

    experiment: str
    variant: str
    mix_revision: int | None


def bucket(salt: str, unit: str) -> int:
    """0 … 9,999, uniform over units and independent between salts."""
    digest = hashlib.blake2b(f"{salt}\x1f{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % BUCKETS


def assign(unit: str, surface: str, running: Sequence[RunningExperiment]) -> list[Assignment]:
    """The unit's variant in every experiment of the surface, in the order given."""
    return [_assign_one(unit, experiment) for experiment in running if experiment.surface == surface]


def _assign_one(unit: str, experiment: RunningExperiment) -> Assignment:
    place = bucket(experiment.salt, unit)
    upper = 0
    for arm in experiment.arms:
        upper += arm.share
        if place < upper:
            return Assignment(experiment.name, arm.name, arm.mix_revision)
    return Assignment(experiment.name, CONTROL, None)


_cached: tuple[float, tuple[RunningExperiment, ...]] = (float("-inf"), ())


def running_experiments() -> tuple[RunningExperiment, ...]:
    """The running experiments, oldest first; at most a second old."""
    global _cached  # noqa: PLW0603  a per-process copy with an age
    read_at, experiments = _cached
    if time.monotonic() - read_at > _FRESH_S:
        experiments = tuple(
            RunningExperiment(
                name=row.name,
                salt=row.salt,
                surface=row.surface,
                arms=tuple(Arm(v.name, v.share_per_10000, v.mix_revision) for v in row.variants.all()),
            )
            for row in Experiment.objects.filter(running=True).order_by("id").prefetch_related("variants")
        )
        _cached = (time.monotonic(), experiments)
    return experiments


def forget_cached_experiments() -> None:
    """The next call reads the tables again."""
    global _cached  # noqa: PLW0603
    _cached = (float("-inf"), ())
