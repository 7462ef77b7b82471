"""What a draft would change in recall: on what people liked since the live version learned."""

import time
from dataclasses import dataclass

import numpy as np
from django.utils import timezone

from retrieval.evaluation.installed import FEWEST_USERS
from retrieval.evaluation.lately import engaged_since, recall_of, unknown_since
from retrieval.evaluation.metrics import interval
from retrieval.types import RetrievalError

_MOST = 200


@dataclass(frozen=True, slots=True)
class Expected:
    """Of recall at k, in percent; low, high: where the difference is with 95 %. people: who had liked something new and
    were asked; found: who had. words: what is to be made of it."""

    people: int
    found: int
    live: float
    draft: float
    low: float
    high: float
    words: str
    told: bool

    @property
    def change(self) -> float:
        return self.draft - self.live

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "" where that is open."""
        if not self.told:
            return ""
        return "better" if self.low > 0 else "worse" if self.high < 0 else ""


def expected_recall(live: int, draft: int, *, k: int, surface: str, seed: int, until: float) -> Expected:
    """until: of `time.monotonic`; whom that leaves no time for is not among the people."""
    since = unknown_since(timezone.now())
    people = engaged_since(since, most=_MOST, seed=seed)
    before, after = [], []
    for place, person in enumerate(people):
        if time.monotonic() >= until:
            break
        order = (live, draft) if place % 2 == 0 else (draft, live)
        try:
            recall = {
                number: recall_of(person, number, k=k, surface=surface or "default") for number in order
            }
        except RetrievalError:
            continue
        before.append(recall[live])
        after.append(recall[draft])
    n, when = len(before), f"{since:%-d %B %Y, %H:%M} UTC"
    if n < FEWEST_USERS:
        words = (
            f"Too little to say anything: {n} of the people drawn liked something new since {when}, when what is live "
            f"had learned, and {FEWEST_USERS} are needed. An experiment will tell."
        )
        return Expected(n, len(people), 0.0, 0.0, 0.0, 0.0, words, told=False)
    low, high = interval(np.array(after) - np.array(before), seed=seed)
    return Expected(
        people=n,
        found=len(people),
        live=100 * float(np.mean(before)),
        draft=100 * float(np.mean(after)),
        low=100 * low,
        high=100 * high,
        words=f"By what {n} people liked since {when}, which the live version has not learned from. People can only "
        "like what they were shown, which favors what is live; trends know what happened since, which favors trends. "
        "So this is a hint, and an experiment tells.",
        told=True,
    )
