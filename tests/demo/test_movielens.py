"""MovieLens as it is read and as it is said in the catalog's words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.movielens import MovieLens
from demo.shaping import events, item_fields, user_fields
from demo.wheel import DownloadFailed, fetch_wheel
from tests.demo.small_movielens import NEWEST_S, write_wheel

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_title_gets_the_films_year(movielens: MovieLens):
    assert [item_fields(film).title for film in movielens.films] == [
        "Fargo (1996)",
        "Usual Suspects, The (1995)",
        "Babe (1995)",
        "unknown",
    ]


def test_genres_are_tags_and_the_first_is_the_category(movielens: MovieLens):
    fargo, _, _, unknown = [item_fields(film) for film in movielens.films]

    assert (fargo.category, fargo.tags) == ("Crime", ("Crime", "Drama"))
    assert (unknown.category, unknown.tags, unknown.published_at) == ("", (), None)
    assert fargo.published_at == datetime(1996, 1, 1, tzinfo=UTC)


def test_people_keep_what_is_known_of_them(movielens: MovieLens):
    people = [user_fields(person) for person in movielens.people]

    assert [person.age_group for person in people] == ["under 18", "18-24", "25-34", "45-54", "55+", "25-34"]
    assert [person.location for person in people[:3]] == ["US 8xxxx", "US 0xxxx", "Canada"]
    assert people[1].attributes == {"age": 18, "gender": "F", "occupation": "writer", "zip_code": "02139"}


def test_stars_decide_the_kind_of_event(movielens: MovieLens):
    kinds = {event.value: event.type for event in events(movielens, newest_at=NOW)}

    assert kinds == {1: "dislike", 2: "dislike", 3: "view", 4: "like", 5: "like"}


def test_the_newest_rating_is_now_and_the_others_keep_their_distance(movielens: MovieLens):
    times = [event.occurred_at or NOW for event in events(movielens, newest_at=NOW)]

    assert times[-1] == NOW
    assert times == sorted(times)
    assert (NOW - times[0]).days == 30
    assert movielens.newest_s == NEWEST_S


def test_another_wheel_than_the_known_one_is_refused_and_removed(tmp_path: Path):
    wheel = write_wheel(tmp_path)

    with pytest.raises(DownloadFailed, match="SHA-256"):
        fetch_wheel(tmp_path)

    assert not wheel.exists()
