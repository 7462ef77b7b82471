"""Many users answered one after the other in whatever process this runs, by the path of a request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from retrieval.answer import Answer
from retrieval.batch.encoding import FORMATS, Row
from retrieval.config import overridden
from retrieval.context import read_ahead
from retrieval.deadline import Deadline
from retrieval.service import retrieve
from retrieval.types import Request

# Nobody waits for this answer: what is slow for once shall still be in it.
_DEADLINE_MS = 60_000
# Of many users in a row it pays to keep more, and to ask once a second whether trends moved.
_KEPT = {"related_cache_mb": 256, "trending_fresh_ms": 1_000}
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


def answers(users: Sequence[str], request: Request) -> list[Answer]:
    """What `retrieve` gives for each of the users; `request` says what is asked, its user is replaced. What is known of
    them is read in one statement, as of now, so that they should be few. Raises as `retrieve` does."""
    patience_ms = request.deadline_ms or _DEADLINE_MS
    with overridden(**_KEPT), read_ahead(users, Deadline.after_ms(patience_ms)):
        return [retrieve(replace(request, user=user, deadline_ms=patience_ms)) for user in users]


def answer_chunk(users: Sequence[str], question: Question) -> Chunk:
    """Raises StoreUnavailable where Postgres is away, InvalidMix where no mix is published."""
    request = Request(
        user="",
        k=question.k,
        now=question.now,
        surface=question.surface,
        # Whoever asks for everybody would push those out of the cache who are there.
        use_cache=False,
        # A list in a file outlives any hold, and nobody could tell what came of it.
        draws=False,
    )
    answered = answers(users, request)
    return Chunk(
        FORMATS[question.format].encode([_row(answer) for answer in answered]),
        users=len(answered),
        unknown=sum(not answer.known_user for answer in answered),
        degraded=sum(bool(answer.degraded) for answer in answered),
        short=sum(bool(answer.shortfall) for answer in answered),
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
