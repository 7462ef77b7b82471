"""What people with the same taste liked: the items nearest to the user's vector, by the live model version."""

from functools import lru_cache

import numpy as np

from retrieval import artifacts
from retrieval.ann import EF_SEARCH, Vectors, index_of, search_live
from retrieval.encoder import UserEncoder, one_event_per_item
from retrieval.sets import among
from retrieval.source import Course, register
from retrieval.types import Context, Found, LiveModel
from retrieval.user_vectors import kept_or_made

_HISTORY_LIMIT = 500


@register
class Collaborative:
    name = "collaborative"
    label = "Collaborative"
    explores = False
    course = Course.FIRST
    reason = "people with your taste liked this"

    def applies_to(self, context: Context) -> bool:
        return context.model is not None and len(context.liked()) > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """Options: `ef_search`, the effort of the search. At most two queries, the history's vectors and the search;
        none where the process keeps the vectors. The user's own vector is kept too."""
        model = context.model
        if model is None or k <= 0:
            return Found.empty()
        effort = int(context.options.get("ef_search", EF_SEARCH))
        with kept_or_made(context, model, lambda: user_vector(context, model)) as query:
            ids, scores = search_live(model, query, k, deadline=context.deadline, ef_search=effort)
        return Found(ids, scores, np.zeros(len(ids), np.int64))


def user_vector(context: Context, model: LiveModel) -> Vectors:
    """float32 [dim] of length 1: the user as the version's tower sees her history and profile right now."""
    encoder = _encoder(model.version)
    limit = int(encoder.manifest.get("history_limit", _HISTORY_LIMIT))
    history = context.past()
    weights = context.weights_of(history).astype(np.float32)
    rows, weights = one_event_per_item(history["item_id"], weights)
    rows, weights = rows[-limit:], weights[-limit:]
    item_ids = history["item_id"][rows]
    index = index_of(model, deadline=context.deadline)
    known_ids, vectors = index.history_vectors(item_ids, deadline=context.deadline)
    if not len(known_ids):
        vectors = np.empty((0, model.dim), np.float32)
    known = among(item_ids, known_ids)
    rows, weights = rows[known], weights[known]
    return encoder.encode(
        vectors[np.searchsorted(known_ids, item_ids[known])],
        weights,
        (context.now_s - history["occurred_at_s"][rows]).astype(np.float32),
        {
            "age_group": context.age_group,
            "location": context.location,
            "language": context.language,
            "hour": str(int(context.now_s) // 3600 % 24),
            "user": str(context.user_id or ""),
        },
    )


# The live version and, in the second after a promotion, the one before.
@lru_cache(maxsize=3)
def _encoder(version: int) -> UserEncoder:
    return UserEncoder.from_artifact(artifacts.load(version, artifacts.USER_ENCODER))
