"""The draw itself: a hash of the user, the mix and the time of the hold decides, so nothing is stored. Pure."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from typing import Self
from zlib import crc32

from retrieval.mixes import Bandit, Draw

_HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Chances:
    """The probability of each arm, and their running sum; both in the order of `arms`."""

    arms: tuple[str, ...]
    probabilities: tuple[float, ...]
    until: tuple[float, ...]

    @classmethod
    def of(cls, probabilities: Mapping[str, float]) -> Self:
        shares = tuple(probabilities.values())
        return cls(tuple(probabilities), shares, tuple(accumulate(shares)))

    @classmethod
    def even(cls, arms: Sequence[str]) -> Self:
        """Before anything is known."""
        return cls.of(dict.fromkeys(arms, 1 / len(arms)))

    def at(self, unit: float) -> int:
        """The place of the arm that a number from 0 up to 1 falls to."""
        return min(bisect_right(self.until, unit), len(self.arms) - 1)


def draw(bandit: Bandit, chances: Chances, *, revision: int, user: str, segment: str, now_s: int) -> Draw:
    """The same for the user until the hold is over or the segment or the chances change. `propensity` is the chance
    that the arm had, exactly."""
    since_s, until_s = hold(bandit, user, now_s)
    place = chances.at(_unit(f"{revision}\x1f{since_s}\x1f{user}"))
    if bandit.hours:
        # The next hour may be another segment.
        until_s = min(until_s, (now_s // _HOUR_S + 1) * _HOUR_S)
    return Draw(revision, segment, chances.arms[place], chances.probabilities[place], since_s, until_s)


def hold(bandit: Bandit, user: str, now_s: int) -> tuple[int, int]:
    """(since, until) in Unix time; each user's begin at another moment, so that not all are drawn for at once."""
    ahead_s = crc32(user.encode()) % bandit.hold_s
    since_s = (now_s + ahead_s) // bandit.hold_s * bandit.hold_s - ahead_s
    return since_s, since_s + bandit.hold_s


def _unit(text: str) -> float:
    """From 0 up to 1; as good as random."""
    digest = blake2b(text.encode(), digest_size=8, person=b"shares").digest()
    return float((int.from_bytes(digest, "big") >> 11) / 2**53)
