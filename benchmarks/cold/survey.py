"""How somebody would have answered the survey, by what she liked: the interests whose films she likes beyond chance."""

from collections.abc import Callable, Sequence

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
    scores = [_beyond_chance(liked, interest, popularity) for interest in interests]
    order = np.argsort(-np.array(scores), kind="stable")
    chosen = [place for rank, place in enumerate(order) if rank < _LEAST or scores[place] >= _CLEAR][:_MOST]
    return [interests[place].slug for place in chosen]


def replies(
    liked: NDArray[np.int64],
    ask: Callable[[list[str]], Sequence[KnownInterest]],
    popularity: NDArray[np.float64],
    *,
    questions: int,
) -> list[str]:
    """The slugs, at most five, that she says yes to when asked about one interest after the other: yes where she likes
    more of it than by chance.

    ask: from what she said yes to so far to the interests, what should be asked next first.
    """
    chosen: list[str] = []
    asked: set[str] = set()
    for _ in range(questions):
        left = [interest for interest in ask(chosen) if interest.slug not in asked]
        if not left or len(chosen) == _MOST:
            break
        asked.add(left[0].slug)
        if _beyond_chance(liked, left[0], popularity) > 1:
            chosen.append(left[0].slug)
    return chosen


def _beyond_chance(
    liked: NDArray[np.int64], interest: KnownInterest, popularity: NDArray[np.float64]
) -> float:
    """How many times as many of its items she likes as expected."""
    films = list(interest.representatives)
    expected = popularity[films].sum() / popularity.sum()
    observed = np.isin(films, liked).sum() + _PRIOR_LIKES * expected
    return float(observed / ((len(liked) + _PRIOR_LIKES) * expected))
