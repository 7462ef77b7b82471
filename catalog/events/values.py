from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

Status = Literal["accepted", "duplicate", "rejected"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a user did, as a client reports it: external ids, the type by name."""

    event_id: str | None  # None: made from the content, or at random where there is no time either
    user: str
    item: str
    type: str
    value: float | None = None
    dwell_s: float | None = None
    occurred_at: datetime | None = None  # None: now
    surface: str = ""
    request_id: str = ""  # of the answer that led to it


class EventResult(NamedTuple):
    """What became of one event; a rejected one names the field and the reason and has no internal ids."""

    status: Status
    event_id: str
    field: str = ""
    reason: str = ""
    user_id: int = 0
    item_id: int = 0
    type_id: int = 0
    weight: float = 0.0  # of the type; below 0: dislike
    occurred_at: datetime | None = None
