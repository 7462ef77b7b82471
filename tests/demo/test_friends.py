"""The invented friendships."""

from demo.friends import invent_friendships
from demo.movielens import MovieLens

RATED_LATE = {"4", "5", "6"}


def friends_of(person: str, pairs: list[tuple[str, str]]) -> set[str]:
    return {b if a == person else a for a, b in pairs if person in (a, b)}


def test_the_same_seed_gives_the_same_friends(movielens: MovieLens):
    assert invent_friendships(movielens, seed=1) == invent_friendships(movielens, seed=1)


def test_each_pair_comes_once_and_nobody_is_their_own_friend(movielens: MovieLens):
    pairs = invent_friendships(movielens, seed=1)

    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(a != b for a, b in pairs)


def test_everybody_has_a_friend_who_rated_late(movielens: MovieLens):
    pairs = invent_friendships(movielens, seed=1)

    for person in movielens.people:
        assert friends_of(person.id, pairs) & RATED_LATE
