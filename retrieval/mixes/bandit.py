"""The ways in which a mix's shares of its sources may differ from user to user, and what was drawn of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import orjson

_FIELDS = 6  # of a draw


@dataclass(frozen=True, slots=True)
class Factors:
    """What one source's weight and quota are multiplied by; both 0: it is not asked."""

    weight: float = 1.0
    quota: float = 1.0


@dataclass(frozen=True, slots=True)
class Bandit:
    """Arms to choose from, and how: docs/source-bandit.md.

    arms: by name, the factors of each source that the arm changes; devices: the request's attribute, what is not among
    them is "other"; hours: ascending, from 0 to 23, where one part of the day ends and the next begins, the last one
    going on past midnight; events: ascending, where one maturity ends and the next begins. Each empty: not told apart.
    """

    arms: Mapping[str, Mapping[str, Factors]]
    devices: tuple[str, ...] = ()
    hours: tuple[int, ...] = ()
    events: tuple[int, ...] = ()
    prior_rate: float = 0.1  # of engaged draws, before anything is known
    prior_draws: float = 20.0  # how many draws that counts as
    floor: float = 0.02  # the least probability of each arm
    hold_s: int = 600  # how long a draw holds for a user
    half_life_days: float | None = 14.0  # after so long an outcome counts half; None: for good


@dataclass(frozen=True, slots=True)
class Draw:
    """What chance chose for a user: the arm, and the probability with which it was chosen in this segment.

    held_since_s, until_s: Unix time; the same is drawn again between them.
    """

    revision: int
    segment: str
    arm: str
    propensity: float
    held_since_s: int
    until_s: int

    def packed(self) -> bytes:
        return orjson.dumps(
            [self.revision, self.segment, self.arm, self.propensity, self.held_since_s, self.until_s]
        )

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """Raises ValueError for what `packed` did not write."""
        values = orjson.loads(data)
        if not isinstance(values, list) or len(values) != _FIELDS:
            raise ValueError("not a draw")
        return cls(*values)
