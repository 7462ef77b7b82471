"""How events are split into what may be known and what is to be found: as given, by time, or each user's last item."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.datasets import DISLIKE, LIKE, NEGATIVE_TYPES, DataSet, Events, MissingData

TEST_SHARE = 0.2


def given(data: DataSet) -> DataSet:
    return data


def by_time(data: DataSet) -> DataSet:
    """The newest fifth of all events, from one moment on, is to be found by what came before that moment."""
    events = all_events(data)
    moment = np.quantile(events.occurred_at_s, 1 - TEST_SHARE, method="higher")
    later = events.occurred_at_s >= moment
    return replace(data, train=rows_of(events, ~later), test=rows_of(events, later), protocol="time")


def last_out(data: DataSet) -> DataSet:
    """The item that each user met last is to be found by what she did before it; what she did from then on is not
    known. Other people's later events are: this says how well tastes are read, not how well the future is."""
    events = all_events(data)
    events = rows_of(events, np.lexsort((events.occurred_at_s, events.user_index)))
    last = _last_met(events)
    row = np.arange(len(events))
    starts = np.searchsorted(events.user_index, np.arange(data.shape[0]))
    # Of who met one item only, all is known and nothing is asked.
    asked = last > starts
    known = ~asked[events.user_index] | (row < last[events.user_index])
    return replace(data, train=rows_of(events, known), test=rows_of(events, last[asked]), protocol="last-out")


PROTOCOLS: dict[str, Callable[[DataSet], DataSet]] = {"given": given, "time": by_time, "last-out": last_out}


def _last_met(events: Events) -> NDArray[np.int64]:
    """int64 [n_users]: of each user's items that are worth finding, the row at which she met the last one; -1 where
    there is none. Events are sorted by user, then time."""
    keys = events.user_index * (int(events.item_index.max()) + 1) + events.item_index
    _, first = np.unique(keys, return_index=True)
    dislikes = (events.types == DISLIKE).any()
    wanted = events.types == LIKE if dislikes else ~np.isin(events.types, list(NEGATIVE_TYPES))
    met = first[wanted[first]]
    last = np.full(int(events.user_index.max()) + 1, -1, np.int64)
    np.maximum.at(last, events.user_index[met], met)
    return last


def all_events(data: DataSet) -> Events:
    """Train and test together. Raises MissingData where they have no times to split by."""
    columns = ("user_index", "item_index", "types", "occurred_at_s")
    joined = Events(*(np.concatenate([getattr(data.train, c), getattr(data.test, c)]) for c in columns))
    if joined.occurred_at_s.min() == joined.occurred_at_s.max():
        raise MissingData(f"{data.name}: all events carry one date; only the given split says anything.")
    return joined


def rows_of(events: Events, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Events:
    return Events(
        events.user_index[rows], events.item_index[rows], events.types[rows], events.occurred_at_s[rows]
    )
