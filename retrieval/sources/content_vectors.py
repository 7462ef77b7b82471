"""Near to what the user liked by vectors from outside: how things sound, look or read."""

import numpy as np

from retrieval.ann import EF_SEARCH, index_of
from retrieval.content_sets import content_set
from retrieval.likes import recent_likes
from retrieval.sets import among, ascending
from retrieval.source import Course, register
from retrieval.types import Context, Found, LiveModel

LIKES = 50
STEP_DECAY = 0.95
SET = "content"
# So many of the nearest may be what the user had to do with already.
_KNOWN_AT_MOST = 500


@register
class ContentVectors:
    name = "content_vectors"
    label = "Content vectors"
    explores = False
    course = Course.FIRST
    reason = "of the kind of what you liked"

    def applies_to(self, context: Context) -> bool:
        return len(context.liked()) > 0 and _set_of(context) is not None

    def retrieve(self, context: Context, k: int) -> Found:
        """Items by the cosine of their vector with the mean of those of the last likes, recent ones counting more: the
        query by vector of Rocchio (1971). What was liked is not proposed again.

        Two queries, the likes' vectors and the search, none where the process keeps the vectors; and one every five
        seconds for which sets there are. Options: `set`, its name, `likes`, `step_decay`, `ef_search`.
        """
        found_set, options = _set_of(context), context.options
        if found_set is None or k <= 0:
            return Found.empty()
        index = index_of(found_set, deadline=context.deadline)
        liked, shares = recent_likes(
            context,
            most=int(options.get("likes", LIKES)),
            step_decay=float(options.get("step_decay", STEP_DECAY)),
        )
        known, vectors = index.item_vectors(liked, deadline=context.deadline)
        if not len(known):
            return Found.empty()
        mean = shares[among(liked, known)] @ vectors
        length = float(np.linalg.norm(mean))
        if length < 1e-6:  # they cancel out
            return Found.empty()
        had = ascending(np.concatenate([context.engaged(), known]))
        ids, scores = index.search(
            (mean / length).astype(np.float32),
            k + min(len(had), _KNOWN_AT_MOST),
            deadline=context.deadline,
            ef_search=int(options.get("ef_search", EF_SEARCH)),
        )
        new = ~among(ids, had)
        ids, scores = ids[new][:k], scores[new][:k]
        return Found(ids, scores, np.zeros(len(ids), np.int64))


def _set_of(context: Context) -> LiveModel | None:
    return content_set(str(context.options.get("set", SET)), context.deadline)
