"""Who is held out, how the survey is answered, and whose audience is found."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks.cold import survey
from benchmarks.cold.comparing import BEYOND_POPULARITY, METRIC, OF_WARM, of_people, pooled
from benchmarks.cold.films import K, audience_recall, without_films
from benchmarks.cold.people import hold_out, tenths
from benchmarks.datasets import DataSet, Events
from coldstart.interests import KnownInterest

USERS, ITEMS = 40, 60


def data() -> DataSet:
    """Forty people; each likes twenty-two items in turn, a minute apart, then dislikes one."""
    rows = [
        (user, (user + step) % ITEMS, "like" if step < 22 else "dislike", 60 * step)
        for user in range(USERS)
        for step in range(23)
    ]
    users, items, types, times = (np.array(column) for column in zip(*rows, strict=True))
    events = Events(users, items, types, times)
    nothing = Events(*(column[:0] for column in (users, items, types, times)))
    names = [np.array([f"{kind}{n:02}" for n in range(size)]) for kind, size in (("u", USERS), ("i", ITEMS))]
    return DataSet("small", Path("/nowhere"), names[0], names[1], train=events, test=nothing)


def interest(slug: str, *places: int) -> KnownInterest:
    return KnownInterest(len(slug), slug, slug, (), (), "#000000", "", True, places)


def test_a_tenth_of_the_people_is_unknown_to_training():
    people = hold_out(data(), fold=0)

    assert len(people.users) == USERS // 10
    assert not np.isin(people.data.train.user_index, people.users).any()


def test_each_tenth_is_another_and_the_same_in_every_run():
    tenths = [hold_out(data(), fold=fold).users.tolist() for fold in range(10)]

    assert sorted(user for tenth in tenths for user in tenth) == list(range(USERS))
    assert hold_out(data(), fold=3).users.tolist() == tenths[3]


def test_the_first_half_is_shown_and_what_was_liked_later_is_to_be_found():
    people = hold_out(data(), fold=0)
    user = people.users[0]

    assert people.items_shown(0).tolist() == sorted((user + step) % ITEMS for step in range(12))
    assert people.wanted[0].tolist() == sorted((user + step) % ITEMS for step in range(12, 22))


def test_the_survey_is_answered_with_what_is_liked_beyond_chance():
    interests = [interest("a", 0, 1), interest("bb", 2, 3), interest("ccc", 4, 5), interest("dddd", 6, 7)]
    popularity = np.array([50.0, 50, 5, 5, 5, 5, 5, 5])

    # One of each is liked, but everybody likes the first ones.
    chosen = survey.answer(np.array([0, 2, 4, 6]), interests, popularity)
    assert chosen == ["bb", "ccc", "dddd"]
    # Four are chosen where the fourth is clear.
    assert len(survey.answer(np.array([2, 3, 4, 5, 6, 7]), interests, np.ones(8))) == 3


def test_the_first_tenths_are_named_by_their_number_and_others_by_a_range():
    assert list(tenths("1")) == [0]
    assert list(tenths("5")) == [0, 1, 2, 3, 4]
    assert list(tenths("6-10")) == [5, 6, 7, 8, 9]


@pytest.mark.parametrize("text", ["0", "11", "7-6", "some", ""])
def test_tenths_that_do_not_exist_are_refused(text: str):
    with pytest.raises(argparse.ArgumentTypeError):
        tenths(text)


def test_one_interest_after_the_other_is_asked_about_until_the_questions_end():
    interests = [interest("a", 0), interest("bb", 1), interest("ccc", 2), interest("dddd", 3)]
    likes_b_and_d = np.array([1, 3])

    def last_first_after_a_yes(chosen: list[str]) -> list[KnownInterest]:
        return interests[::-1] if chosen else interests

    def replies(questions: int) -> list[str]:
        return survey.replies(likes_b_and_d, last_first_after_a_yes, np.ones(8), questions=questions)

    assert replies(1) == []
    assert replies(2) == ["bb"]
    assert replies(3) == ["bb", "dddd"]
    assert replies(30) == ["bb", "dddd"]


def test_cases_are_compared_on_the_same_people():
    folds = [
        {"popularity": np.array([0.2]), "user-after-10": np.array([0.4]), "user-warm": np.array([0.5])},
        {"popularity": np.array([0.0]), "user-after-10": np.array([0.2]), "user-warm": np.array([0.25])},
    ]

    found = {(figure.case, figure.metric): figure for figure in of_people(pooled(folds))}

    assert found["user-after-10", METRIC].value == pytest.approx(0.3)
    assert found["user-after-10", METRIC].standard_error == pytest.approx(0.1)
    # Everybody gains .2 on popularity, and has .8 of what she has when she is warm: neither is in doubt.
    assert found["user-after-10", BEYOND_POPULARITY].value == pytest.approx(0.2)
    assert found["user-after-10", BEYOND_POPULARITY].standard_error == pytest.approx(0)
    assert found["user-after-10", OF_WARM].value == pytest.approx(0.8)
    assert found["user-after-10", OF_WARM].standard_error == pytest.approx(0)


def test_an_audience_is_found_by_the_share_among_the_first_hundred():
    scores = np.arange(200, dtype=np.float64)[:, None] * [1.0, -1.0]
    audience = np.zeros((200, 2), np.bool_)
    audience[-50:] = True

    assert K == 100
    assert audience_recall(scores, audience).tolist() == [1.0, 0.0]


def test_held_out_items_keep_no_event():
    rest, held, audience = without_films(data())

    assert len(held) == ITEMS // 10
    assert not np.isin(rest.train.item_index, held).any()
    assert audience.any(axis=0).all()
