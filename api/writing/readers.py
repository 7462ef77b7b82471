"""Readers of single JSON values: each returns what the catalog takes, or raises Refused.

They see to types only; lengths, ranges and what exists are the catalog's to judge.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from api.external_ids import Refused

Reader = Callable[[object], Any]

_LARGEST = 3.4e38  # histories hold values as float32


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Refused("invalid", "This must be text.")
    return value


def word(value: object) -> str:
    """Text that says something."""
    if not (found := text(value)):
        raise Refused("blank", "This must not be empty.")
    return found


def number(value: object) -> float:
    # A bool is an int to Python, not to the client.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Refused("invalid", "This must be a number.")
    if not -_LARGEST <= value <= _LARGEST:
        raise Refused("out_of_range", "This number is too large.")
    return float(value)


def whole_number(value: object) -> int:
    # A bool is an int to Python, not to the client.
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("invalid", "This must be a whole number.")
    return value


def moment(value: object) -> datetime:
    """ISO 8601; UTC where no zone is given."""
    try:
        read = datetime.fromisoformat(text(value))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (Refused, ValueError, OverflowError):
        raise Refused("invalid", "This must be a moment in ISO 8601, like 2026-01-31T12:00:00Z.") from None


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused("invalid", "This must be true or false.")
    return value


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused("invalid", "This must be a list of texts.")
    return tuple(value)


def mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused("invalid", "This must be an object.")
    return value
