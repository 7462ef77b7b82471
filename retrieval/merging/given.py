"""What every merge is given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Scores


@dataclass(frozen=True, slots=True)
class MergeInput:
    """ranks: int32 [n, s], from 1, 0 where the source did not propose the item; source_scores: float32 [n, s];
    quotas and weights: float64 [s]; known: bool [n], items of the user's history; coefficients: float64 [s, 3] and
    bias, of `retrieval.merging.calibrated`."""

    ranks: NDArray[np.int32]
    source_scores: Scores
    quotas: NDArray[np.float64]
    weights: NDArray[np.float64]
    seed: int
    known: NDArray[np.bool_]
    coefficients: NDArray[np.float64]
    bias: float = 0.0
