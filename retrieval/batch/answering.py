"""One chunk of users, answered in whatever process this runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from retrieval.answer import Answer
from retrieval.batch.encoding import FORMATS, Row
from retrieval.service import retrieve
from retrieval.types import Request

# Nobody waits for this answer: what is slow for once shall still be in it.
_DEADLINE_MS = 60_000
_NO_RANK = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for each user. format: a key of `FORMATS`."""

    k: int
    now: datetime
    surface: str
    format: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """The answers of some users in their order, encoded, and how many there are of each kind."""

    encoded: bytes
    users: int
    unknown: int
    degraded: int
    short: int


def answer_chunk(users: Sequence[str], question: Question) -> Chunk:
    """Raises StoreUnavailable where Postgres is away, InvalidMix where no mix is published."""
    answers = [
        retrieve(
            Request(
                user=user,
                k=question.k,
                now=question.now,
                surface=question.surface,
                deadline_ms=_DEADLINE_MS,
                # Whoever asks for everybody would push those out of the cache who are there.
                use_cache=False,
            )
        )
        for user in users
    ]
    return Chunk(
        FORMATS[question.format].encode([_row(answer) for answer in answers]),
        users=len(answers),
        unknown=sum(not answer.known_user for answer in answers),
        degraded=sum(bool(answer.degraded) for answer in answers),
        short=sum(bool(answer.shortfall) for answer in answers),
    )


def _row(answer: Answer) -> Row:
    pool = answer.pool
    rows = answer.facts.rows_of(pool.item_ids).tolist()
    best = np.where(pool.ranks > 0, pool.ranks, _NO_RANK).argmin(axis=1) if len(pool) else pool.item_ids
    return {
        "user_id": answer.user,
        "known_user": answer.known_user,
        "item_ids": [answer.facts.external_ids[row] for row in rows],
        "scores": pool.scores,
        "sources": [pool.sources[column] for column in best.tolist()],
        "degraded": list(answer.degraded),
        "mix": answer.mix_revision,
        "model": answer.model_version,
    }
