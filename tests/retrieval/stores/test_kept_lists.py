"""What a process keeps of the top lists, and when it asks for them again."""

import datetime as dt

import numpy as np
import pytest

from retrieval.models import TopList
from retrieval.toplists import forget_kept, reading
from retrieval.toplists.reading import lists_of

pytestmark = pytest.mark.django_db(transaction=True)
FUNNY, SAD = ("tag", "funny"), ("tag", "sad")


@pytest.fixture(autouse=True)
def _nothing_kept():
    forget_kept()
    yield
    forget_kept()


def written(kind: str, value: str, ids: list[int]) -> None:
    TopList.objects.update_or_create(
        kind=kind,
        value=value,
        defaults={"item_ids": ids, "scores": [1.0] * len(ids), "rebuilt_at": dt.datetime.now(dt.UTC)},
    )


def ids_of(key: tuple[str, str]) -> list[int] | None:
    top = lists_of([key], None).get(key)
    return None if top is None else top[0].tolist()


@pytest.fixture
def doubted(monkeypatch):
    """Whatever is kept is asked about again at once."""
    monkeypatch.setattr(reading, "_FRESH_S", -1.0)


def test_a_list_that_was_written_anew_is_read_again(doubted):
    written(*FUNNY, [1, 2])
    assert ids_of(FUNNY) == [1, 2]

    written(*FUNNY, [2, 1])

    assert ids_of(FUNNY) == [2, 1]


def test_a_list_that_is_still_the_same_is_not_sent_again(doubted, monkeypatch):
    written(*FUNNY, [1, 2])
    first = lists_of([FUNNY], None)[FUNNY][0]
    sent = []

    def overheard(*question):
        sent.extend(asked(*question))
        return sent

    monkeypatch.setattr(reading, "ask", overheard)

    again = lists_of([FUNNY], None)[FUNNY][0]

    assert again is first
    assert [row[3] for row in sent] == [None]


def test_a_list_that_went_is_gone_and_one_that_came_is_there(doubted):
    written(*FUNNY, [1])
    assert (ids_of(FUNNY), ids_of(SAD)) == ([1], None)

    TopList.objects.all().delete()
    written(*SAD, [3])

    assert (ids_of(FUNNY), ids_of(SAD)) == (None, [3])


def test_for_a_moment_nobody_asks():
    written(*FUNNY, [1])
    assert ids_of(FUNNY) == [1]

    written(*FUNNY, [2])

    assert ids_of(FUNNY) == [1]


def test_lists_are_of_ids_and_scores_side_by_side():
    written(*FUNNY, [4, 5])

    ids, scores = lists_of([FUNNY], None)[FUNNY]

    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)
    assert scores.tolist() == [1.0, 1.0]


asked = reading.ask
