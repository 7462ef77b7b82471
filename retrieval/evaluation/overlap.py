"""How much two sources propose the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.evaluation.metrics import Ranking


def overlap(rankings: Sequence[Ranking], k: int) -> NDArray[np.float64]:
    """float64 [s, s]: the share of the first k of source i that is also among the first k of source j, a mean over
    the users to whom i proposes anything; NaN where it proposes nothing to anybody. Rows of all rankings are the
    same users. Not symmetric: a short list may be wholly within a long one."""
    heads = [ranking[:, :k] for ranking in rankings]
    table = np.full((len(heads), len(heads)), np.nan)
    for i, mine in enumerate(heads):
        lengths = (mine >= 0).sum(axis=1)
        for j, other in enumerate(heads):
            shared = _shared(mine, other)
            if lengths.any():
                table[i, j] = float((shared[lengths > 0] / lengths[lengths > 0]).mean())
    return table


def _shared(mine: Ranking, other: Ranking) -> NDArray[np.int64]:
    """int64 [n_users]: how many items are in both lists."""
    width = max(int(mine.max(initial=0)), int(other.max(initial=0))) + 1
    rows = np.arange(len(mine), dtype=np.int64)[:, None] * width
    # Empty places get keys that no item has, and that differ between the two.
    keys, others = np.where(mine >= 0, rows + mine, -1), np.where(other >= 0, rows + other, -2)
    return np.asarray(np.isin(keys, others).sum(axis=1), np.int64)
