"""Who was exposed to which arm, and how its answers fared: written beside the request, once per user and experiment."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from prometheus_client import Counter

from catalog.background import Beside, per_process
from catalog.sql import Cursor, cursor

GROUPS = 64  # of users: answers to one user are alike, so chance is measured between groups
EXPOSED = Counter(
    "headwater_experiment_answers_total",
    "Answers that experiments had a say in, by what became of the note.",
    ["outcome"],
)
# A user who is erased while the answer is under way must not come back.
_EXPOSE = """
INSERT INTO experiments_exposure (experiment_id, user_id, variant_id, exposed_at)
SELECT noted.* FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::timestamptz[])
    AS noted (experiment_id, user_id, variant_id, exposed_at)
WHERE EXISTS (SELECT FROM catalog_user AS person WHERE person.id = noted.user_id FOR KEY SHARE)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
"""
# In the order of the key: two writers take the rows in the same order.
_COUNT = """
INSERT INTO experiments_traffic (variant_id, user_group, answers, ms, short)
SELECT noted.* FROM unnest(%b::bigint[], %b::smallint[], %b::bigint[], %b::float8[], %b::bigint[]) AS noted
ORDER BY 1, 2
ON CONFLICT (variant_id, user_group) DO UPDATE
SET answers = experiments_traffic.answers + excluded.answers, ms = experiments_traffic.ms + excluded.ms,
    short = experiments_traffic.short + excluded.short
"""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Exposed:
    """One answer to one user. arms: (experiment id, variant id) of those that had a say in it."""

    user_id: int
    arms: tuple[tuple[int, int], ...]
    at: datetime
    ms: float
    short: bool


def write(batch: Sequence[Exposed]) -> None:
    """Stores the notes in one transaction; a failure is a counter and a line in the log, never an exception."""
    try:
        with transaction.atomic(), cursor() as raw:
            _store(raw, batch)
    except Exception as error:
        EXPOSED.labels("failed").inc(len(batch))
        log.exception("exposures were lost", answers=len(batch), error=str(error))
    else:
        EXPOSED.labels("stored").inc(len(batch))


def note(exposed: Exposed, *, inline: bool = False) -> None:
    """Stores who was exposed, beside the request; `inline`: before this returns, for tests that look at once."""
    if inline:
        write([exposed])
        return
    _log().add(exposed)


@per_process
def _log() -> Beside[Exposed]:
    return Beside(write, name="exposures", drop=_dropped, waiting=10_000, at_once=200)


def _dropped(_exposed: Exposed) -> None:
    EXPOSED.labels("dropped").inc()


def _store(raw: Cursor, batch: Sequence[Exposed]) -> None:
    first: dict[tuple[int, int], tuple[int, datetime]] = {}
    answers: Tally[tuple[int, int]] = Tally()
    short: Tally[tuple[int, int]] = Tally()
    ms: dict[tuple[int, int], float] = {}
    for exposed in batch:
        for experiment_id, variant_id in exposed.arms:
            first.setdefault((experiment_id, exposed.user_id), (variant_id, exposed.at))
            cell = (variant_id, exposed.user_id % GROUPS)
            answers[cell] += 1
            short[cell] += exposed.short
            ms[cell] = ms.get(cell, 0.0) + exposed.ms
    keys = list(first)
    columns = [[key[0] for key in keys], [key[1] for key in keys]]
    raw.execute(_EXPOSE, [*columns, [first[key][0] for key in keys], [first[key][1] for key in keys]])
    cells = sorted(answers)
    raw.execute(
        _COUNT,
        [
            [cell[0] for cell in cells],
            [cell[1] for cell in cells],
            [answers[cell] for cell in cells],
            [ms[cell] for cell in cells],
            [short[cell] for cell in cells],
        ],
    )
