"""How many each source is asked for, at the same cost: shares move from one source to another while that helps."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.gathering import KNOWN_AT_MOST, QUOTAS_ARE_OF
from retrieval.tuning.cross_entropy import Floats
from retrieval.tuning.pools import pools_of
from retrieval.tuning.recording import Recorded, as_deep_as
from retrieval.types import Ids

Quotas = NDArray[np.int64]
LEAST = 20  # a source that hardly helps now may help tomorrow
DEEPER = 2  # sources are recorded with so many times the present quotas
_REQUESTS = 200
_GAIN = 0.0005  # below it a move is chance


def learn_quotas(
    recorded: Sequence[Recorded],
    present: Quotas,
    weights: Floats,
    item_ids: Ids,
    *,
    k: int,
    overfetch: float,
    depths: Sequence[int],
) -> Quotas:
    """int64 [s], with the sum of `present`: what is best for the mean recall at `depths` and `k` under these weights,
    of what single moves of a quarter of a quota reach, none above DEEPER times its present one."""
    some = recorded[:_REQUESTS]

    def worth(quotas: Quotas) -> float:
        pools = pools_of([at_quotas(one, quotas, k=k, overfetch=overfetch) for one in some], item_ids)
        return float(pools.recalls(weights[None], [*depths, k]).mean())

    best, quotas = worth(present), present
    # Each source gives once: dearest first.
    for giver in np.argsort(-present, kind="stable").tolist():
        takers = [taker for taker in range(len(present)) if taker != giver]
        moves = [move for taker in takers if (move := _moved(quotas, present, giver, taker)) is not None]
        judged = [worth(move) for move in moves]
        if judged and max(judged) > best + _GAIN:
            best, quotas = max(judged), moves[int(np.argmax(judged))]
    return quotas


def at_quotas(recorded: Recorded, quotas: Quotas, *, k: int, overfetch: float) -> Recorded:
    """As if the mix had these quotas: as `retrieval.gathering.planned_calls` would have asked."""
    more = min(recorded.seen, KNOWN_AT_MOST)
    asked = [math.ceil(math.ceil(quota * k / QUOTAS_ARE_OF) * overfetch) + more for quota in quotas.tolist()]
    return as_deep_as(recorded, np.array(asked, np.int64))


def _moved(quotas: Quotas, present: Quotas, giver: int, taker: int) -> Quotas | None:
    amount = min(
        int(quotas[giver]) // 4, int(quotas[giver]) - LEAST, DEEPER * int(present[taker]) - int(quotas[taker])
    )
    if amount <= 0:
        return None
    moved = quotas.copy()
    moved[giver] -= amount
    moved[taker] += amount
    return moved
