"""One impression on its own: is it fit to be stored?"""

from collections.abc import Iterator
from datetime import datetime

from catalog.events.checking import time_problem
from catalog.texts import external_id_problem, text_problem
from coldstart.impressions.values import Impression

REQUEST_ID_LIMIT = 64
SOURCE_LIMIT = 40
SURFACE_LIMIT = 40
LAST_POSITION = 100_000


def first_problem(row: Impression, now: datetime) -> tuple[str, str] | None:
    """The first bad field and what is wrong with it; None where all are good."""
    return next(((field, reason) for field, reason in _problems(row, now) if reason), None)


def _problems(row: Impression, now: datetime) -> Iterator[tuple[str, str]]:
    yield "request_id", text_problem(row.request_id, REQUEST_ID_LIMIT) if row.request_id else "Empty."
    yield "user", external_id_problem(row.user)
    yield "item", external_id_problem(row.item)
    fine = 1 <= row.position <= LAST_POSITION
    yield "position", "" if fine else f"Not a place from 1 to {LAST_POSITION}."
    yield "source", text_problem(row.source, SOURCE_LIMIT)
    yield "surface", text_problem(row.surface, SURFACE_LIMIT)
    # Written so that NaN, which compares as false, is a problem too.
    fine = row.propensity is None or 0 < row.propensity <= 1
    yield "propensity", "" if fine else "Not a probability above 0."
    yield "shown_at", "" if row.shown_at is None else time_problem(row.shown_at, now)
