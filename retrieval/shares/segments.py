"""Which segment of a mix's bandit a request falls into."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import product

from retrieval.mixes import Bandit

OTHER = "other"


def segment_of(bandit: Bandit, *, attributes: Mapping[str, str], now: datetime, event_count: int) -> str:
    """Its name, "" where nothing is told apart: `device=phone hour=18-06 events=10-99`.

    The hour is the request's attribute where it is one, else that of UTC.
    """
    parts = []
    if bandit.devices:
        device = attributes.get("device", "").lower()
        parts.append(f"device={device if device in bandit.devices else OTHER}")
    if bandit.hours:
        # Before the first bound is after the last one: the night goes on past midnight.
        place = bisect_right(bandit.hours, _hour(attributes, now)) - 1
        parts.append(_hours(bandit, place))
    if bandit.events:
        parts.append(_events(bandit, bisect_right(bandit.events, event_count)))
    return " ".join(parts)


def all_segments(bandit: Bandit) -> list[str]:
    """The names of all that there are, in order."""
    devices = [f"device={name}" for name in (*bandit.devices, OTHER)] if bandit.devices else []
    hours = [_hours(bandit, place) for place in range(len(bandit.hours))]
    events = [_events(bandit, place) for place in range(len(bandit.events) + 1)] if bandit.events else []
    told_apart: Iterable[list[str]] = [some for some in (devices, hours, events) if some]
    return [" ".join(parts) for parts in product(*told_apart)]


def _hour(attributes: Mapping[str, str], now: datetime) -> int:
    said = attributes.get("hour", "")
    if said.isdecimal() and said.isascii() and int(said) < 24:
        return int(said)
    return now.astimezone(UTC).hour


def _hours(bandit: Bandit, place: int) -> str:
    first = bandit.hours[place]
    end = bandit.hours[(place + 1) % len(bandit.hours)]
    return f"hour={first:02}-{end:02}"


def _events(bandit: Bandit, place: int) -> str:
    low = bandit.events[place - 1] if place else 0
    return f"events={low}-{bandit.events[place] - 1}" if place < len(bandit.events) else f"events={low}+"
