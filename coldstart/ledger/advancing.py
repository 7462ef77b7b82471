"""The ledger's one step: count what arrived, judge whose time it is, let new items in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from catalog.sql import cursor
from coldstart.exploration.config import config
from coldstart.ledger.counting import ALL, count_arrivals
from coldstart.ledger.entering import enter_and_begin
from coldstart.ledger.judging import judge_again, judge_due

_LOCK = 4_879_001  # of whoever writes the ledger; any number that nobody else uses


@dataclass(frozen=True, slots=True)
class Advance:
    """How many items' counts moved, how many were judged, came in and began to be shown."""

    counted: int = 0
    judged: int = 0
    entered: int = 0
    begun: int = 0


def advance(now: datetime) -> Advance | None:
    """Brings the ledger up to `now`; None where another run is at it. Harmless to run twice."""
    return _advance(now, look_back=None)


def rebuild(now: datetime) -> Advance | None:
    """As `advance`, but counts everything anew from impressions and events."""
    return _advance(now, look_back=ALL)


def _advance(now: datetime, *, look_back: timedelta | None) -> Advance | None:
    rules = config()
    with transaction.atomic(), cursor() as raw:
        row = raw.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone()
        if not (row and row[0]):
            return None
        counted = count_arrivals(raw, now, rules, look_back=look_back)
        judged = judge_again(counted, now, rules) + judge_due(now, rules)
        entered, begun = enter_and_begin(raw, now, rules)
    return Advance(len(counted), judged, entered, begun)
