"""What an answer shows, stored beside the request, which waits for nothing; what can't be stored moves a counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from prometheus_client import Counter

from catalog.background import Beside, per_process
from catalog.sql import cursor
from coldstart.impressions.storing import store
from coldstart.impressions.values import Shown

LOGGED = Counter(
    "headwater_impressions_total", "Impressions of answers, by what became of them.", ["outcome"]
)
for _outcome in ("dropped", "failed"):
    LOGGED.labels(_outcome)  # seen at 0, or the first loss would be no increase
# Of an hour without Postgres nothing is kept: impressions are many, and the newest tell as much as the oldest.
_WAITING = 1000  # answers
_AT_ONCE = 20  # answers in one transaction
_STILL_THERE = "SELECT id FROM catalog_user WHERE id = ANY(%b::bigint[]) ORDER BY id FOR KEY SHARE"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer's impressions."""

    rows: Sequence[Shown]
    at: datetime


class ImpressionLog(Beside[Answered]):
    """Several answers a transaction; one for which there is no room is counted, and goes out all the same."""

    def __init__(self, *, waiting: int = _WAITING) -> None:
        super().__init__(write, name="impressions", drop=_dropped, waiting=waiting, at_once=_AT_ONCE)


def _dropped(answered: Answered) -> None:
    LOGGED.labels("dropped").inc(len(answered.rows))


def write(batch: Sequence[Answered]) -> None:
    """Stores the answers in one transaction; a failure is a counter and a line in the log, never an exception."""
    rows = {row.key: row for answered in batch for row in answered.rows}
    try:
        with transaction.atomic(), cursor() as raw:
            # An erased user's impressions must not come back with an answer that was under way.
            there = {user_id for (user_id,) in raw.execute(_STILL_THERE, [list({key[0] for key in rows})])}
            new = store(raw, [row for row in rows.values() if row.user_id in there], batch[-1].at)
    except Exception as error:
        LOGGED.labels("failed").inc(len(rows))
        log.exception("impressions were lost", impressions=len(rows), error=str(error))
    else:
        LOGGED.labels("stored").inc(len(new))
        LOGGED.labels("duplicate").inc(len(rows) - len(new))


_log = per_process(ImpressionLog)


def log_answer(rows: Sequence[Shown], *, at: datetime, inline: bool = False) -> None:
    """Stores what an answer shows, beside it; `inline`: before this returns, for tests that look at once."""
    if not rows:
        return
    if inline:
        write([Answered(rows, at)])
        return
    _log().add(Answered(rows, at))
