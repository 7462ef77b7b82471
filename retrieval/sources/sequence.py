"""What comes next, by the order of what the user turned to: a small model of sequences reads her last items."""

import numpy as np

from retrieval.ann import EF_SEARCH, index_of
from retrieval.sequence import sequence_encoder_of
from retrieval.sets import among
from retrieval.source import Course, register
from retrieval.types import Context, Found, Ids

_LOOKED_AT = 200  # of the user's last items: the model doesn't know all of them


@register
class Sequence:
    name = "sequence"
    label = "Next in the sequence"
    explores = False
    course = Course.FIRST
    reason = "follows what you turned to last"

    def applies_to(self, context: Context) -> bool:
        model = context.model
        least = int(context.options.get("least_likes", 1))
        return model is not None and model.sequence_dim > 0 and len(context.liked()) >= max(least, 1)

    def retrieve(self, context: Context, k: int) -> Found:
        """Items by how likely each is the next one after the user's last 50 (SASRec: Kang, McAuley 2018), so an event
        moves all of them at once, and a session of somebody unknown is as good a beginning as any.

        At most two queries, the items' vectors and the search; none where the process keeps them. Options: `last`,
        how many of the last items are read, `ef_search`; of `least_likes`, whether the source applies.
        """
        model, options = context.model, context.options
        if model is None or k <= 0:
            return Found.empty()
        index = index_of(model.of_sequence, deadline=context.deadline)
        encoder = sequence_encoder_of(model.version)
        last = _turned_to(context)[-_LOOKED_AT:]
        known, vectors = index.history_vectors(np.unique(last), deadline=context.deadline)
        last = last[among(last, known)][-int(options.get("last", encoder.length)) :]
        if not len(last):
            return Found.empty()
        # The last coordinate is that of lengths.
        user = encoder.next_item(vectors[np.searchsorted(known, last), :-1])
        ids, scores = index.search(
            user, k, deadline=context.deadline, ef_search=int(options.get("ef_search", EF_SEARCH))
        )
        return Found(ids, scores, np.zeros(len(ids), np.int64))


def _turned_to(context: Context) -> Ids:
    """int64 [n]: the items of the user's likes, oldest first, without one that follows itself, as the model learned."""
    items = context.liked()["item_id"].astype(np.int64)
    turned = np.ones(len(items), np.bool_)
    turned[1:] = items[1:] != items[:-1]
    return items[turned]
