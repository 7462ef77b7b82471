"""A moment by which an answer must be there; made once per request and handed down."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    at: float  # time.monotonic(), seconds

    @classmethod
    def after_ms(cls, ms: float) -> "Deadline":
        return cls(time.monotonic() + ms / 1000)

    def remaining_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at - time.monotonic())

    def remaining_ms(self) -> int:
        return int(self.remaining_s() * 1000)

    def earlier(self, ms_from_now: float) -> "Deadline":
        """This deadline or one `ms_from_now`, whichever comes first."""
        return Deadline(min(self.at, time.monotonic() + ms_from_now / 1000))

    def at_least(self, ms_from_now: float) -> "Deadline":
        """This deadline, or one `ms_from_now` where less than that is left: for work that can't be left out."""
        return Deadline(max(self.at, time.monotonic() + ms_from_now / 1000))
