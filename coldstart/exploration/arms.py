"""What a process keeps of the items that are tried: arrays that a request compares with its user."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from coldstart.bandit.budget import Spent
from coldstart.bandit.segments import segment_posteriors
from coldstart.bandit.thompson import Rankings, one_per_creator, rank_draws
from coldstart.exploration.hashing import Hashes, item_hashes, thresholds

Ids = NDArray[np.int64]
# Beyond these an impression is better spent on an arm that is better known.
_ARMS_AT_MOST = 2_000
_SEGMENTS_AT_MOST = 16
EVERYBODY = ""


class TrialRow(NamedTuple):
    """One item as Postgres tells it; `share` is 0 for one that has graduated."""

    item_id: int
    creator_id: int
    share: float
    began_at_s: int
    periods: int
    alpha: float
    beta: float


class SegmentRow(NamedTuple):
    item_id: int
    segment: str
    exposures: int
    engagements: int


@dataclass(frozen=True, slots=True)
class Trials:
    """Items that are shown to a share of the users, as columns [n]."""

    item_ids: Ids
    creator_ids: Ids  # 0: nobody's
    shares: NDArray[np.float64]
    began_at_s: NDArray[np.int64]
    hashes: Hashes
    limits: Hashes

    @classmethod
    def of(cls, rows: Sequence[TrialRow]) -> "Trials":
        item_ids = np.array([row.item_id for row in rows], np.int64)
        shares = np.array([row.share for row in rows], np.float64)
        return cls(
            item_ids=item_ids,
            creator_ids=np.array([row.creator_id for row in rows], np.int64),
            shares=shares,
            began_at_s=np.array([row.began_at_s for row in rows], np.int64),
            hashes=item_hashes(item_ids),
            limits=thresholds(shares),
        )

    def __len__(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True, slots=True)
class Bandit:
    """The arms, as columns [n], and a bank of draws for everybody ("") and for each segment that is known."""

    item_ids: Ids
    creator_ids: Ids
    began_at_s: NDArray[np.int64]
    banks: Mapping[str, Rankings]

    def bank_of(self, segment: str) -> Rankings:
        return self.banks.get(segment, self.banks[EVERYBODY])

    def __len__(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """All that a request needs to know of new items. `version`: moves when any of their trials does; `arrived_at_s`:
    Unix time, when the latest item was found to be new, 0 for never."""

    trials: Trials
    bandit: Bandit
    spent: Spent = field(default_factory=Spent)
    version: str = ""
    arrived_at_s: int = 0

    def __len__(self) -> int:
        return len(self.trials) + len(self.bandit)


def newcomers_of(
    rows: Sequence[TrialRow],
    segments: Iterable[SegmentRow],
    *,
    prior_weight: float,
    spent: Spent,
    version: str,
    random: np.random.Generator,
    arrived_at_s: int = 0,
) -> Newcomers:
    """From rows to arrays. An item becomes an arm of the bandit once its first period has been judged: until then
    exactly the share of users sees it, and everybody's chances are the same."""
    arms = [row for row in rows if row.periods > 0]
    if len(arms) > _ARMS_AT_MOST:
        arms = sorted(arms, key=lambda row: -row.alpha / (row.alpha + row.beta))[:_ARMS_AT_MOST]
    return Newcomers(
        arrived_at_s=arrived_at_s,
        trials=Trials.of([row for row in rows if row.share > 0]),
        bandit=_bandit(arms, segments, prior_weight=prior_weight, random=random),
        spent=spent,
        version=version,
    )


def nobody_new() -> Newcomers:
    return newcomers_of([], [], prior_weight=1.0, spent=Spent(), version="", random=np.random.default_rng(0))


def _bandit(
    arms: Sequence[TrialRow],
    segments: Iterable[SegmentRow],
    *,
    prior_weight: float,
    random: np.random.Generator,
) -> Bandit:
    creators = np.array([row.creator_id for row in arms], np.int64)
    alpha = np.array([row.alpha for row in arms], np.float64)
    beta = np.array([row.beta for row in arms], np.float64)
    place_of = {row.item_id: place for place, row in enumerate(arms)}
    banks = {EVERYBODY: one_per_creator(rank_draws(alpha, beta, random=random), creators)}
    for segment, counted in _largest(segments).items():
        counts = np.zeros((2, len(arms)))
        for row in counted:
            if row.item_id in place_of:
                counts[:, place_of[row.item_id]] = row.exposures, row.engagements
        own = segment_posteriors(alpha, beta, counts[0], counts[1], weight=prior_weight)
        banks[segment] = one_per_creator(rank_draws(*own, random=random), creators)
    return Bandit(
        item_ids=np.array([row.item_id for row in arms], np.int64),
        creator_ids=creators,
        began_at_s=np.array([row.began_at_s for row in arms], np.int64),
        banks=banks,
    )


def _largest(rows: Iterable[SegmentRow]) -> dict[str, list[SegmentRow]]:
    """Rows by segment, of the segments with the most exposures; who is in no segment is like everybody."""
    by_segment: dict[str, list[SegmentRow]] = {}
    for row in rows:
        if row.segment:
            by_segment.setdefault(row.segment, []).append(row)
    ordered = sorted(by_segment, key=lambda name: -sum(row.exposures for row in by_segment[name]))
    return {name: by_segment[name] for name in ordered[:_SEGMENTS_AT_MOST]}
