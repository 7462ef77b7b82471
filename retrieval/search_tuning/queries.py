"""What the live index is really asked: the vectors of users who were here lately, as the version sees them now."""

import datetime as dt

import numpy as np
from django.db.models import Max

from catalog.models import Interaction
from retrieval.activity import most_active
from retrieval.ann import Vectors
from retrieval.context import build_context, read_ahead
from retrieval.deadline import Deadline
from retrieval.mixes import published_mix
from retrieval.sources.collaborative import Collaborative, user_vector
from retrieval.types import LiveModel, Request, RetrievalError

_PATIENCE_MS = 60_000
_USERS_AT_ONCE = 32
# Drawn from so many times as many: the very busiest are not like the others.
_WIDER = 10


class NobodyAsks(RetrievalError):
    """No user of the last day has liked anything that the version knows."""


def live_queries(model: LiveModel, n: int, *, seed: int = 0) -> Vectors:
    """float32 [at most n, dim], unit rows: of users drawn from the most active of the day that ends with the newest
    event. Raises NobodyAsks."""
    newest: dt.datetime | None = Interaction.objects.aggregate(newest=Max("occurred_at"))["newest"]
    users = [] if newest is None else most_active(newest, at_most=_WIDER * n)
    drawn = [users[place] for place in np.random.default_rng(seed).permutation(len(users))]
    vectors: list[Vectors] = []
    for start in range(0, len(drawn), _USERS_AT_ONCE):
        if newest is None or len(vectors) >= n:
            break
        vectors += _vectors_of(drawn[start : start + _USERS_AT_ONCE], model, newest)
    if not vectors:
        raise NobodyAsks(f"No user has events that version {model.version} can search by.")
    return np.array(vectors[:n], np.float32)


def _vectors_of(users: list[str], model: LiveModel, now: dt.datetime) -> list[Vectors]:
    """Of those who have liked something."""
    source, mix, deadline = Collaborative(), published_mix(), Deadline.after_ms(_PATIENCE_MS)
    vectors = []
    with read_ahead(users, deadline):
        for user in users:
            request = Request(user=user, k=1, now=now)
            context = build_context(request, mix=mix, arms={}, model=model, deadline=deadline)
            if source.applies_to(context):
                vectors.append(user_vector(context, model))
    return vectors
