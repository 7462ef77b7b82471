from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# The sources whose impressions are exploration: they feed posteriors and count towards the budget.
NEW_ITEMS = "new_items"
BANDIT = "bandit"
# Of an item that was drawn: its chance of that, which is no bandit's.
LONG_TAIL = "long_tail"
EXPLORING = (NEW_ITEMS, BANDIT)

Status = Literal["accepted", "duplicate", "rejected"]


@dataclass(frozen=True, slots=True)
class Impression:
    """One item that a user was shown, as a client reports it: external ids, the position from 1."""

    request_id: str  # of the answer it was in
    user: str
    item: str
    position: int
    source: str = ""  # that brought it there
    propensity: float | None = None  # with which it stood there, as the answer said
    shown_at: datetime | None = None  # None: now
    surface: str = ""  # of the answer


@dataclass(frozen=True, slots=True)
class ImpressionResult:
    """What became of one impression; a rejected one names the field and the reason."""

    status: Status
    field: str = ""
    reason: str = ""
    shown_at: datetime | None = None


@dataclass(slots=True)
class Shown:
    """An impression with internal ids, ready to be stored."""

    user_id: int
    request_id: str
    item_id: int
    shown_at: datetime
    position: int
    source: str
    propensity: float | None
    surface: str = ""

    @property
    def key(self) -> tuple[int, str, int]:
        """What makes it one and the same, whenever it is reported."""
        return self.user_id, self.request_id, self.item_id
