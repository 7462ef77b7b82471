"""Two kinds of people, three interests: one tells them apart, one everybody likes, one nobody knows of."""

import dataclasses

import numpy as np
import pytest

from catalog.events import Event, record_events
from coldstart.config import newcomers
from coldstart.interests import forget_interests, offered_interests
from coldstart.interests.adaptive import Segments
from coldstart.interests.segmenting import would_choose
from coldstart.models import SurveySegment
from tests.coldstart.survey import offer_interests
from tests.worlds import NOW, movie_world

TELLING, COMMON, OPPOSITE = 1, 2, 3
TWO = Segments(
    weights=np.array([0.5, 0.5]),
    interest_ids=np.array([TELLING, COMMON, OPPOSITE]),
    chances=np.array([[1 - 1e-9, 0.5, 1e-9], [1e-9, 0.5, 1 - 1e-9]]),
)
NOTHING = np.empty(0, np.int64)


def test_a_question_that_tells_two_kinds_apart_is_worth_one_bit_and_what_all_like_alike_nothing():
    assert TWO.gains(NOTHING) == pytest.approx([1.0, 0.0, 1.0], abs=1e-6)


def test_once_it_is_told_no_question_is_worth_anything():
    assert TWO.given(np.array([TELLING])) == pytest.approx([1.0, 0.0], abs=1e-6)
    assert TWO.gains(np.array([TELLING])) == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)


def test_people_would_choose_what_they_like_beyond_chance():
    likes = np.array([[10.0, 3, 0], [10.0, 0, 3]])

    assert would_choose(likes, 2).tolist() == [[0, 1, 0], [0, 0, 1]]


@pytest.mark.django_db
def test_the_survey_asks_first_what_tells_most(monkeypatch):
    movie_world()
    offer_interests()
    adaptive = dataclasses.replace(newcomers(), adaptive_survey=True)
    ids = {one.slug: one.id for one in offered_interests()}
    order = [ids["space"], ids["crime"], ids["romance"]]
    SurveySegment.objects.create(weight=0.5, interest_ids=order, chances=[0.5, 0.9, 0.6])
    SurveySegment.objects.create(weight=0.5, interest_ids=order, chances=[0.5, 0.1, 0.4])
    forget_interests()
    plain = [one.slug for one in offered_interests()]
    monkeypatch.setattr("coldstart.interests.reading.newcomers", lambda: adaptive)

    assert plain == ["space", "crime", "romance"]
    assert [one.slug for one in offered_interests()] == ["crime", "romance", "space"]
    assert offered_interests(["space"])[0].slug == "space"


@pytest.mark.django_db
def test_segments_are_learned_from_what_people_like():
    movie_world()
    tastes = {"space": ["alien", "runner"], "romance": ["amelie", "notebook"]}
    events = [
        Event(None, f"{kind}-{fan}", film, "like", None, None, NOW)
        for kind, films in tastes.items()
        for fan in range(25)
        for film in films
    ]
    record_events(events, now=NOW, create_missing=True)
    offer_interests()

    space, romance = (next(one.id for one in offered_interests() if one.slug == slug) for slug in tastes)
    chances = [dict(zip(one.interest_ids, one.chances, strict=True)) for one in SurveySegment.objects.all()]
    assert len(chances) == 2
    assert any(of_one[space] > 0.8 and of_one[romance] < 0.2 for of_one in chances)
    assert any(of_one[romance] > 0.8 and of_one[space] < 0.2 for of_one in chances)
