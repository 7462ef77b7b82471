"""Recorded requests made by hand: two sources, `good` which knows and `bad` which guesses."""

import numpy as np

from retrieval.merging.given import MergeInput
from retrieval.tuning.recording import Recorded

SOURCES = ("good", "bad")


def recorded(
    good: list[int],
    bad: list[int],
    *,
    wanted: list[int],
    user: str = "u",
    known: tuple[int, ...] = (),
    weights: tuple[float, float] = (1.0, 1.0),
    event_count: int = 100,
    seen: int = 0,
    fading: tuple[float, float] = (1.0, 1.0),
) -> Recorded:
    """Each source's items best first; scores fall by one from the list's length."""
    item_ids = np.array(list(dict.fromkeys([*good, *bad])), np.int64)
    ranks = np.zeros((len(item_ids), 2), np.int32)
    scores = np.zeros((len(item_ids), 2), np.float32)
    for column, items in enumerate((good, bad)):
        for rank, item in enumerate(items, 1):
            row = item_ids.tolist().index(item)
            ranks[row, column], scores[row, column] = rank, len(items) - rank + 1
    given = MergeInput(
        ranks=ranks,
        source_scores=scores,
        quotas=np.array([100.0, 100.0]),
        weights=np.array(weights),
        seed=0,
        known=np.isin(item_ids, known),
        coefficients=np.array([[0, weights[0], 0], [0, weights[1], 0]]),
    )
    return Recorded(
        user=user,
        sources=SOURCES,
        item_ids=item_ids,
        given=given,
        kept=~np.isin(item_ids, known),
        wanted=np.array(wanted, np.int64),
        seen=seen,
        event_count=event_count,
        fading=np.array(fading),
    )


def many(n: int, *, wrong: bool = False, event_count: int = 100) -> list[Recorded]:
    """n users of whom each wants what `good` puts first, or, where all is `wrong`, what `bad` does; the other source's
    first ten are others."""
    made = []
    for number in range(n):
        random = np.random.default_rng(number)
        items = random.permutation(np.arange(1, 61)).tolist()
        good, bad = items[:30], [*items[30:], *items[:30][::-1]]
        wanted = bad[:3] if wrong else good[:3]
        made.append(recorded(good, bad, wanted=wanted, user=f"u{number}", event_count=event_count))
    return made
