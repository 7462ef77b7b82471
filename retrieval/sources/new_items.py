"""New items that this user is one of the first to see. Served by reserved places in the answer, whatever the mix."""

import numpy as np

from coldstart.exploration.choosing import share_of
from retrieval.newcomers import current_newcomers, person_of
from retrieval.source import Course, register
from retrieval.types import Context, Found


@register
class NewItems:
    name = "new_items"
    label = "New items"
    explores = True
    course = Course.NEXT
    reason = "new, being tried"

    def applies_to(self, context: Context) -> bool:
        return context.user_id > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """The items of the user's share, those with the smallest share first: they have the fewest other chances.
        Scores are 1 − share. No query where the process has a copy."""
        # Of a stranger it could not be remembered what was tried.
        if k <= 0 or not context.user_id:
            return Found.empty()
        trials = current_newcomers(context.deadline).trials
        rows = share_of(trials, person_of(context), context.now_s)
        rows = rows[np.argsort(trials.shares[rows], kind="stable")][:k]
        scores = (1 - trials.shares[rows]).astype(np.float32)
        return Found(trials.item_ids[rows], scores, np.zeros(len(rows), np.int64))
