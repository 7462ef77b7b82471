"""How somebody would have answered the survey, by what she liked: the interests whose films she likes beyond chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from coldstart.interests import KnownInterest

# Of somebody who liked little, chance says as much as she does.
_PRIOR_LIKES = 20.0
_LEAST, _MOST = 3, 5
_CLEAR = (
    1.5  # a fourth and a fifth interest are chosen where the person likes this many times as many as expected
)


def answer(
    liked: NDArray[np.int64], interests: Sequence[KnownInterest], popularity: NDArray[np.float64]
) -> list[str]:
    """Three to five slugs, the clearest first.

    liked: places of items that she liked in what is shown of her; popularity: [n_items], how many others like each;
    an interest's `representatives` must be places too.
    """
    mine = np.zeros(len(popularity))
    mine[liked] = 1
    total = popularity.sum()
    scores = []
    for interest in interests:
        films = list(interest.representatives)
        expected = popularity[films].sum() / total
        observed = mine[films].sum() + _PRIOR_LIKES * expected
        scores.append(observed / ((len(liked) + _PRIOR_LIKES) * expected))
    order = np.argsort(-np.array(scores), kind="stable")
    chosen = [place for rank, place in enumerate(order) if rank < _LEAST or scores[place] >= _CLEAR][:_MOST]
    return [interests[place].slug for place in chosen]
