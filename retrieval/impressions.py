"""The impressions of an answer, for a client that shows all of it: stored beside the request."""

from datetime import datetime

import numpy as np

from coldstart.impressions.logging import log_answer
from coldstart.impressions.values import Shown
from retrieval.answer import Answer
from retrieval.config import config
from retrieval.types import Pool

_NO_RANK = np.iinfo(np.int32).max


def log_impressions(answer: Answer, now: datetime, *, surface: str = "") -> int:
    """How many impressions are on their way into Postgres: one per candidate, with place, source and propensity.

    None for a user whom the catalogue doesn't know, as with events.
    """
    if not answer.user_id:
        return 0
    rows = shown_rows(answer, now, surface)
    # A process without connections of its own is a test, and looks at once.
    log_answer(rows, at=now, inline=not config().hot_pool_size)
    return len(rows)


def shown_rows(answer: Answer, now: datetime, surface: str = "") -> list[Shown]:
    """One row per candidate, best first; the source is the one that put it where it is."""
    chance = {placement.item_id: placement for placement in answer.placements}
    rows = []
    for position, (item_id, source) in enumerate(
        zip(answer.pool.item_ids.tolist(), _best_sources(answer.pool), strict=True), 1
    ):
        placement = chance.get(item_id)
        rows.append(
            Shown(
                user_id=answer.user_id,
                request_id=answer.request_id,
                item_id=item_id,
                shown_at=now,
                position=position,
                source=(placement.source if placement else "") or source,
                propensity=placement.propensity if placement else None,
                surface=surface,
            )
        )
    return rows


def _best_sources(pool: Pool) -> list[str]:
    """Of each candidate the source that ranked it best."""
    if not len(pool):
        return []
    best = np.where(pool.ranks > 0, pool.ranks, _NO_RANK).argmin(axis=1)
    return [pool.sources[column] for column in best.tolist()]
