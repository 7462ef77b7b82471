"""New items that did well so far, each as often as it may be the best. Served by reserved places in the answer."""

import numpy as np

from coldstart.bandit.thompson import pick
from coldstart.exploration.choosing import arms_for
from retrieval.newcomers import current_newcomers, person_of
from retrieval.source import Course, register
from retrieval.types import Context, Found


@register
class Bandit:
    name = "bandit"
    label = "Promising new items"
    explores = True
    course = Course.NEXT
    reason = "new and promising"

    def applies_to(self, context: Context) -> bool:
        return context.user_id > 0

    def retrieve(self, context: Context, k: int) -> Found:
        """One draw of Thompson sampling, best first: another one each hour. Scores fall from 1. No query where the
        process has a copy."""
        # Of a stranger it could not be remembered what was tried.
        if k <= 0 or not context.user_id:
            return Found.empty()
        bandit, person = current_newcomers(context.deadline).bandit, person_of(context)
        bank = bandit.bank_of(person.segment)
        draw = (context.seed + context.now_s // 3600) % len(bank)
        arms, _ = pick(bank, arms_for(bandit, person, context.now_s), draw=draw, slots=k)
        scores = np.linspace(1, 0, num=len(arms), endpoint=False, dtype=np.float32)
        return Found(bandit.item_ids[arms], scores, np.zeros(len(arms), np.int64))
