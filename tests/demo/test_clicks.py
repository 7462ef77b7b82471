"""The click model, solved by hand."""

import random
from collections.abc import Iterable
from math import exp

import pytest

from demo.audience.clicks import Film, Reaction, attraction, examined, liking, react


class Scripted(random.Random):
    """Gives these numbers for `random`, and ten seconds for every dwell."""

    def __init__(self, numbers: Iterable[float]) -> None:
        super().__init__()
        self._numbers = iter(numbers)

    def random(self) -> float:
        return next(self._numbers)

    def expovariate(self, lambd: float = 1.0) -> float:
        return 10.0


def test_everybody_sees_the_first_place_and_one_in_six_the_twentieth():
    assert examined(1) == 1
    assert examined(20) == pytest.approx(20**-0.6)
    assert examined(20) == pytest.approx(1 / 6, abs=0.01)


def test_a_film_that_means_nothing_is_clicked_on_by_one_in_fifteen_who_see_it():
    assert attraction(0) == pytest.approx(1 / (1 + exp(2.6)))
    assert 1 / attraction(0) == pytest.approx(14.5, abs=0.1)


def test_liking_is_the_films_appeal_and_twice_the_mean_taste_for_its_tags():
    tastes = {"Crime": 0.5, "Drama": -0.1}

    assert liking(tastes, Film(("Crime", "Drama"), appeal=0.3)) == pytest.approx(0.3 + 2 * 0.2)
    assert liking(tastes, Film(("Crime", "War"))) == pytest.approx(2 * 0.25)
    assert liking(tastes, Film(())) == 0


def test_who_sees_the_second_place_only_clicks_watches_and_likes_there():
    #        place 1: not seen (p=1 is never above, so 1.0), place 2: seen, clicked, watched, liked, not shared
    rng = Scripted([1.0, 0.0, 0.0, 0.0, 0.0, 0.99])

    assert react([0.0, 0.0], rng) == [
        Reaction(2, "click", 1.5, 10.0),
        Reaction(2, "view", 11.5),
        Reaction(2, "like", 11.5),
    ]


def test_what_disappoints_is_closed_and_what_is_disliked_may_be_hidden():
    #                 place 1: seen, clicked, not watched; place 2: seen, not clicked, hidden
    rng = Scripted([0.0, 0.0, 0.99, 0.0, 0.99, 0.0])

    assert react([0.0, -1.0], rng) == [Reaction(1, "click", 1.5, 10.0), Reaction(2, "hide", 3.0)]


def test_what_is_only_not_liked_is_never_hidden():
    assert react([0.0], Scripted([0.0, 0.99])) == []


def test_clicks_by_place_are_as_likely_as_examined_times_attraction():
    rng, lists, likings = random.Random(5), 20_000, [1.0, -1.0, 0.0, 0.5]
    clicks = [0] * len(likings)
    for _ in range(lists):
        for reaction in react(likings, rng):
            clicks[reaction.position - 1] += reaction.type == "click"

    for place, (count, liked) in enumerate(zip(clicks, likings, strict=True), 1):
        expected = lists * examined(place) * attraction(liked)
        # Four deviations of a binomial; the seed makes it the same every time.
        assert abs(count - expected) < 4 * expected**0.5
