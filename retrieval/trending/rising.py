"""What rises: items of which more happens now than is usual of them, however little that is.

Two fading counts of the same events, one of which fades more slowly, are the same rate where nothing changes. How much
the faster one is above the slower is told in deviations of a Poisson process at the usual rate (as in Gnip's paper
Trend Detection in Social Data, 2015), so that three events of an item with none before are no sensation.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from retrieval import valkey
from retrieval.config import config
from retrieval.popularity import USUAL_TIME_CONSTANTS
from retrieval.sets import among
from retrieval.trending import keys
from retrieval.trending.scores import top_since
from retrieval.types import Found

# Of the hottest only: what nobody turns to now does not rise.
_HOTTEST = 2000
# Added to what is usual. Of weight 1, as a view.
_PRIOR = 1.0
_USUAL_DTYPE = np.dtype([("item_id", "<i8"), ("amount", "<f4")])


def rising(k: int, now: datetime) -> Found:
    """At most `k` items, the steepest first; scores are deviations above what is usual, above 0. What is usual is as of
    the last rebuild, and nothing for what came since. Empty before the first one. Raises CacheUnavailable."""
    found, landmark_s = top_since(_HOTTEST)
    packed = valkey.client().get(keys.usual_key())
    if landmark_s is None or not isinstance(packed, bytes) or not len(found):
        return Found.empty()
    usual = np.frombuffer(packed, _USUAL_DTYPE)
    passed = (now.timestamp() - landmark_s) / config().trending_time_constant_s
    happens = found.scores.astype(np.float64) * np.exp(-np.clip(passed, -80.0, 600.0))
    above = deviations(happens, _of(found.item_ids, usual))
    order = np.argsort(-above, kind="stable")[:k]
    order = order[above[order] > 0]
    return Found(found.item_ids[order], above[order].astype(np.float32), np.zeros(len(order), np.int64))


def usual_of(item_ids: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """float64 [n]: what is usual of each item in one time constant, in weights of events, as of the last rebuild; 0 of
    an item that was not among the hottest. None before the first one. Raises CacheUnavailable."""
    packed = valkey.client().get(keys.usual_key())
    return _of(item_ids, np.frombuffer(packed, _USUAL_DTYPE)) if isinstance(packed, bytes) else None


def deviations(happens: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 [n]: how many standard deviations more happens than is usual; both float64 [n], weights of events in one
    time constant."""
    above: NDArray[np.float64] = (happens - usual) / np.sqrt(usual + _PRIOR)
    return above


def pack_usual(entries: Sequence[tuple[int, float]], *, passed_s: float) -> bytes:
    """What is usual of each item in one time constant of what is hot. entries: item and its slowly fading sum as of the
    landmark, which is `passed_s` ago."""
    slow_s = USUAL_TIME_CONSTANTS * config().trending_time_constant_s
    usual = np.array(entries, _USUAL_DTYPE)
    usual["amount"] *= np.exp(-passed_s / slow_s) / USUAL_TIME_CONSTANTS
    return np.sort(usual, order="item_id").tobytes()


def _of(item_ids: NDArray[np.int64], usual: NDArray[np.void]) -> NDArray[np.float64]:
    amounts = np.zeros(len(item_ids))
    known = among(item_ids, usual["item_id"])
    amounts[known] = usual["amount"][np.searchsorted(usual["item_id"], item_ids[known])]
    return amounts
