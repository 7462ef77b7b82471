"""What was drawn for whom in which answer: written beside the request, which waits for nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from prometheus_client import Counter

from catalog.background import Beside, per_process
from catalog.sql import cursor
from retrieval.config import config
from retrieval.mixes import Draw

LOGGED = Counter(
    "headwater_share_draws_total",
    "Answers for which the bandit of a mix drew, by what became of the note.",
    ["outcome"],
)
# A user who is erased while the answer is under way must not come back.
_STORE = """
INSERT INTO retrieval_sharedraw
    (user_id, request_id, held_since, drawn_at, mix, segment, arm, propensity)
SELECT noted.user_id, noted.request_id, to_timestamp(noted.held_since_s), noted.drawn_at, noted.mix, noted.segment,
       noted.arm, noted.propensity
FROM unnest(%b::bigint[], %b::text[], %b::bigint[], %b::timestamptz[], %b::integer[], %b::text[], %b::text[],
            %b::float8[])
    AS noted (user_id, request_id, held_since_s, drawn_at, mix, segment, arm, propensity)
WHERE EXISTS (SELECT FROM catalog_user AS person WHERE person.id = noted.user_id FOR KEY SHARE)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One answer of one user, with what was drawn for it."""

    user_id: int
    request_id: str
    at: datetime
    draw: Draw


def log_draw(draw: Draw | None, *, user_id: int, request_id: str, at: datetime) -> None:
    """Notes an answer that was drawn for; without a draw there is nothing to note."""
    if draw is None or not user_id or not request_id:
        return
    drawn = Drawn(user_id, request_id, at, draw)
    # A process without connections of its own is a test, and looks at once.
    if not config().hot_pool_size:
        write([drawn])
        return
    _log().add(drawn)


@per_process
def _log() -> Beside[Drawn]:
    return Beside(write, name="share draws", drop=_dropped, waiting=10_000, at_once=200)


def write(batch: Sequence[Drawn]) -> None:
    """Stores the notes in one transaction; a failure is a counter and a line in the log, never an exception."""
    columns: list[list[object]] = [
        [one.user_id for one in batch],
        [one.request_id for one in batch],
        [one.draw.held_since_s for one in batch],
        [one.at for one in batch],
        [one.draw.revision for one in batch],
        [one.draw.segment for one in batch],
        [one.draw.arm for one in batch],
        [one.draw.propensity for one in batch],
    ]
    try:
        with transaction.atomic(), cursor() as raw:
            raw.execute(_STORE, columns)
    except Exception as error:
        LOGGED.labels("failed").inc(len(batch))
        log.exception("draws were lost", answers=len(batch), error=str(error))
    else:
        LOGGED.labels("stored").inc(len(batch))


def _dropped(_drawn: Drawn) -> None:
    LOGGED.labels("dropped").inc()
