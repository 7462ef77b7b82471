"""Thompson sampling (Thompson 1933; Chapelle and Li 2011) by a bank of draws.

A draw samples every arm's rate from its posterior and ranks the arms. The bank holds several hundred draws, made
whenever the posteriors move. An answer takes one of them, each as likely as the others, and shows its best arms that
may be shown to this user. So an arm's propensity is the share of the bank's draws that would show it to the same user:
no estimate, but exactly the probability with which it was chosen.
"""

import numpy as np
from numpy.typing import NDArray

Rankings = NDArray[np.int32]  # [draws, depth]: places of arms, best first; -1: nothing
Floats = NDArray[np.float64]

DRAWS = 512
DEPTH = 32  # of a draw's ranking: who may not see any of so many is shown none
_CHUNK = 64  # draws at once: 5,000 arms are 2.5 MB


def rank_draws(
    alpha: Floats, beta: Floats, *, random: np.random.Generator, draws: int = DRAWS, depth: int = DEPTH
) -> Rankings:
    """int32 [draws, min(depth, n)]: of each draw from Beta(alpha, beta), both [n], the best arms, best first."""
    depth = min(depth, len(alpha))
    if not depth:
        return np.empty((draws, 0), np.int32)
    return np.concatenate(
        [
            _ranked(random.beta(alpha, beta, size=(min(_CHUNK, draws - first), len(alpha))), depth)
            for first in range(0, draws, _CHUNK)
        ]
    )


def one_per_creator(rankings: Rankings, creators: NDArray[np.int64]) -> Rankings:
    """The rankings with -1 for every arm that follows another of its creator (int64 [n], 0: nobody's)."""
    if not rankings.size:
        return rankings
    of = creators[rankings]
    kept = rankings.copy()
    for place in range(1, rankings.shape[1]):
        earlier = (of[:, :place] == of[:, place : place + 1]).any(axis=1)
        kept[earlier & (of[:, place] > 0), place] = -1
    return kept


def pick(
    rankings: Rankings, allowed: NDArray[np.bool_], *, draw: int, slots: int
) -> tuple[NDArray[np.int32], Floats]:
    """(the first `slots` arms of that draw that are allowed (bool [n]), best first; the propensity of each)."""
    if not rankings.size or slots <= 0:
        return np.empty(0, np.int32), np.empty(0, np.float64)
    # The appended False is what -1 points at.
    shown = np.append(allowed, False)[rankings]
    # At most DEPTH of them: a byte each is enough.
    shown &= np.cumsum(shown, axis=1, dtype=np.int8) <= slots
    chosen = rankings[draw][shown[draw]]
    times = np.bincount(rankings[shown], minlength=len(allowed))
    return chosen, times[chosen] / len(rankings)


def _ranked(samples: Floats, depth: int) -> Rankings:
    if depth < samples.shape[1]:
        best = np.argpartition(-samples, depth - 1, axis=1)[:, :depth]
    else:
        best = np.broadcast_to(np.arange(depth), samples.shape)
    order = np.argsort(-np.take_along_axis(samples, best, axis=1), axis=1, kind="stable")
    return np.take_along_axis(best, order, axis=1).astype(np.int32)
