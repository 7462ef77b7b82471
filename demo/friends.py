"""An invented follow graph: MovieLens has no friendships, and the social source needs some."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from demo.movielens import MovieLens

# Each person picks this many and is picked by as many: about twice that in friends.
_PICKS = 5
# One of them rated in the data's last week, so that everybody's friends did something lately: MovieLens' people
# come once, and without this most would have only friends who left months ago.
_LATE_PICKS = 1
_LATE_S = 7 * 86_400
# Odds by taste: the likest person is about e^3 times as likely a friend as one with nothing in common.
_TASTE = 3.0


def invent_friendships(data: MovieLens, *, seed: int) -> list[tuple[str, str]]:
    """Pairs of people who follow each other, each pair once; the same for the same seed."""
    rng = np.random.default_rng(seed)
    odds = _TASTE * _likeness(data)
    np.fill_diagonal(odds, -np.inf)
    # The largest of odds plus Gumbel noise are a draw without replacement in proportion to exp(odds).
    noisy = odds + rng.gumbel(size=odds.shape)
    among_late = np.where(_rated_late(data), noisy, -np.inf)
    picks = np.hstack([_largest(noisy, _PICKS - _LATE_PICKS), _largest(among_late, _LATE_PICKS)])
    pairs = {(min(i, j), max(i, j)) for i, picked in enumerate(picks.tolist()) for j in picked}
    return [(data.people[i].id, data.people[j].id) for i, j in sorted(pairs)]


def _largest(odds: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """The columns of each row's `n` largest: int64 [n_people, n]."""
    return np.argpartition(-odds, n, axis=1)[:, :n]


def _likeness(data: MovieLens) -> NDArray[np.float64]:
    """Cosine of what two people liked, by genre: float64 [n_people, n_people], 0 to 1."""
    genres = {genre: column for column, genre in enumerate(_genres(data))}
    columns = {film.id: [genres[genre] for genre in film.genres] for film in data.films}
    rows = {person.id: row for row, person in enumerate(data.people)}
    profiles = np.zeros((len(rows), len(genres)))
    for rating in data.ratings:
        if rating.stars >= 4:
            profiles[rows[rating.person], columns[rating.film]] += 1
    lengths = np.linalg.norm(profiles, axis=1, keepdims=True)
    unit = profiles / np.where(lengths > 0, lengths, 1)
    return np.asarray(unit @ unit.T)


def _rated_late(data: MovieLens) -> NDArray[np.bool_]:
    """Who rated in the data's last week: bool [n_people]."""
    late = {rating.person for rating in data.ratings if rating.rated_at_s > data.newest_s - _LATE_S}
    return np.array([person.id in late for person in data.people])


def _genres(data: MovieLens) -> Sequence[str]:
    return sorted({genre for film in data.films for genre in film.genres})
