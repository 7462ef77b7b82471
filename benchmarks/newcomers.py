"""The people of a data set as they began: of each only her first few events are known, what is to be found stays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from django.db.models import F

from catalog.history import History, unpack_history
from catalog.models import UserHistory
from retrieval.evaluation.metrics import Ranking

KNOWN_EVENTS = 3
# Of a metric's name, as of every part: by what, and which.
PART = f"/known/{KNOWN_EVENTS} events"


@contextmanager
def as_newcomers(users: Sequence[str], *, events: int = KNOWN_EVENTS) -> Iterator[None]:
    """Within the block the product knows no more of these users, by their external ids, than their first `events`. The
    model version has learned from all that train has, as it has of everybody's."""
    whole = {row.user_id: row for row in UserHistory.objects.filter(user__external_id__in=users)}
    for user_id, row in whole.items():
        _keep(user_id, first_events(unpack_history(row.events), events, seed=user_id), count=events)
    try:
        yield
    finally:
        for user_id, row in whole.items():
            _keep(user_id, unpack_history(row.events), count=row.event_count)


def first_events(history: History, most: int, *, seed: int) -> History:
    """The first `most` by time, oldest first; of those of one moment, a sample: all may carry one date."""
    chance = np.random.default_rng(seed).random(len(history))
    return history[np.lexsort((chance, history["occurred_at_s"]))[:most]]


def unmet(ranking: Ranking, met: Sequence[np.ndarray[tuple[int], np.dtype[np.int32]]]) -> Ranking:
    """The ranking without what each user met in train, known or not, which can't be what is to be found; empty places,
    -1, at the end. met: of each row the items."""
    kept = np.full_like(ranking, -1)
    for row, items in enumerate(met):
        left = ranking[row][~np.isin(ranking[row], items)]
        kept[row, : len(left)] = left
    return kept


def _keep(user_id: int, history: History, *, count: int) -> None:
    # A new version each time: what was kept for the old one is not found any more.
    UserHistory.objects.filter(user_id=user_id).update(
        events=history.tobytes(), event_count=count, version=F("version") + 1
    )
