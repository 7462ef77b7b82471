import datetime as dt

import pytest

from benchmarks.sessions import questions_of
from catalog.events import Event

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def event(minute: int, item: str, user: str = "ann") -> Event:
    return Event(f"{minute}", user, item, "view", None, None, START + dt.timedelta(minutes=minute))


def test_the_first_items_are_shown_and_the_rest_is_wanted():
    events = [
        event(1, "a"),
        event(2, "b"),
        event(3, "a"),
        event(4, "c"),
        event(5, "d"),
        event(6, "b"),
        event(7, "e"),
    ]

    [question] = questions_of(events, ["s"] * 7, after=START)

    assert [events[place].item for place in question.known] == ["a", "b", "a", "c"]
    assert question.wanted == {"d", "e"}


@pytest.mark.parametrize("items", ["abc", "abcabc", "a"])
def test_who_met_no_more_than_what_is_shown_is_not_asked(items):
    events = [event(minute, item) for minute, item in enumerate(items, start=1)]

    assert questions_of(events, ["s"] * len(events), after=START) == []


def test_sessions_that_began_before_are_not_asked_and_others_come_in_order_of_time():
    events = [event(minute, item) for minute, item in enumerate("abcdefghijkl")]
    sessions = ["early"] * 4 + ["late", "later"] * 4

    asked = questions_of(events, sessions, after=START)

    assert [one.session for one in asked] == ["late", "later"]
    assert [one.known for one in asked] == [[4, 6, 8], [5, 7, 9]]
