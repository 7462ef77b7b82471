"""Who is in which arm. The layer's hash says who is in the experiment, the experiment's own in which arm: so ramping up
adds users and moves nobody from one arm to another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from experiments.hashing import BUCKETS, Hashes, bucket, buckets, unit_hash


@dataclass(frozen=True, slots=True)
class Settings:
    """What an arm gets instead of what is published; None: as published."""

    mix_revision: int | None = None
    model_version: int | None = None
    newcomers_revision: int | None = None
    maturity_events: float | None = None

    def kinds(self) -> set[str]:
        """Which of "mix", "model" and "cold start" it sets."""
        named = {
            "mix": self.mix_revision is not None,
            "model": self.model_version is not None,
            "cold start": self.newcomers_revision is not None or self.maturity_events is not None,
        }
        return {kind for kind, is_set in named.items() if is_set}


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant; shares are of the experiment's users, out of 10,000."""

    id: int
    name: str
    share: int
    control: bool = False
    settings: Settings = Settings()


@dataclass(frozen=True, slots=True)
class RunningExperiment:
    """places: [first, end, …) of the layer's buckets. forced: external user id -> place in `arms`."""

    id: int
    name: str
    salt: str
    layer_salt: str
    surface: str  # "": every one
    places: tuple[int, ...]
    arms: tuple[Arm, ...]
    holdout: bool = False
    forced: Mapping[str, int] = field(default_factory=dict)

    def kinds(self) -> set[str]:
        return {kind for arm in self.arms for kind in arm.settings.kinds()}


@dataclass(frozen=True, slots=True)
class Assignment:
    experiment: RunningExperiment
    arm: Arm
    forced: bool = False


def assign(unit: str, surface: str | None, running: Sequence[RunningExperiment]) -> list[Assignment]:
    """The unit's arms on the surface (None: on all), holdouts first, then in the order given. Whoever is held out by a
    holdout's control is in nothing else; who is in no bucket of an experiment has no arm in it."""
    hashed = unit_hash(unit)
    found: list[Assignment] = []
    for experiment in sorted(running, key=lambda one: not one.holdout):
        if surface is not None and experiment.surface not in ("", surface):
            continue
        assignment = _assign_one(unit, hashed, experiment)
        if assignment is None:
            continue
        if experiment.holdout and assignment.arm.control:
            return [assignment]
        found.append(assignment)
    return found


def arms_of(units: Hashes, experiment: RunningExperiment) -> NDArray[np.int64]:
    """int64 [n]: for each `unit_hashes` the place of its arm in `experiment.arms`, −1 where it is not in. Nothing is
    known here of who is forced or held out."""
    layered = buckets(experiment.layer_salt, units)
    held = np.zeros(BUCKETS, np.bool_)
    for first, end in zip(experiment.places[::2], experiment.places[1::2], strict=True):
        held[first:end] = True
    upper = np.cumsum([arm.share for arm in experiment.arms])
    arms = np.searchsorted(upper, buckets(experiment.salt, units), side="right")
    return np.where(held[layered], arms, -1)


def _assign_one(unit: str, hashed: int, experiment: RunningExperiment) -> Assignment | None:
    place = experiment.forced.get(unit)
    if place is not None:
        return Assignment(experiment, experiment.arms[place], forced=True)
    layered, places = bucket(experiment.layer_salt, hashed), experiment.places
    if not any(first <= layered < end for first, end in zip(places[::2], places[1::2], strict=True)):
        return None
    own, upper = bucket(experiment.salt, hashed), 0
    for arm in experiment.arms:
        upper += arm.share
        if own < upper:
            return Assignment(experiment, arm)
    return None
