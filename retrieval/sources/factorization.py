"""What fits all that the user liked: matrix factorization, with her vector solved anew at each request."""

import numpy as np

from retrieval.ann import EF_SEARCH, index_of
from retrieval.factors import factors_of
from retrieval.likes import recent_likes
from retrieval.sets import among
from retrieval.source import Course, register
from retrieval.types import Context, Found

LIKES = 200
STEP_DECAY = 0.96
# Fewer leave the solution to what keeps it short: beside the others it would only be noise.
LEAST_LIKES = 10


@register
class Factorization:
    name = "factorization"
    label = "Factorization"
    explores = False
    course = Course.FIRST
    reason = "fits what you liked so far"

    def applies_to(self, context: Context) -> bool:
        model = context.model
        least = int(context.options.get("least_likes", LEAST_LIKES))
        return model is not None and model.factors_dim > 0 and len(context.liked()) >= least

    def retrieve(self, context: Context, k: int) -> Found:
        """Items by the inner product of their factors with the user's, which are solved from her likes (iALS: Hu,
        Koren, Volinsky 2008): a new like moves them at once, and who was not there in training has some too.

        At most two queries, the likes' factors and the search; none where the process keeps them. Options: `likes`,
        how many of the last are read, `step_decay`, `ef_search`; of `least_likes`, whether the source applies.
        """
        model, options = context.model, context.options
        if model is None or k <= 0:
            return Found.empty()
        index = index_of(model.of_factors, deadline=context.deadline)
        liked, shares = recent_likes(
            context,
            most=int(options.get("likes", LIKES)),
            step_decay=float(options.get("step_decay", STEP_DECAY)),
        )
        known, factors = index.history_vectors(liked, deadline=context.deadline)
        if not len(known):
            return Found.empty()
        # The last coordinate is that of lengths.
        user = factors_of(model.version).user(factors[:, :-1], shares[among(liked, known)])
        ids, scores = index.search(
            user, k, deadline=context.deadline, ef_search=int(options.get("ef_search", EF_SEARCH))
        )
        return Found(ids, scores, np.zeros(len(ids), np.int64))
