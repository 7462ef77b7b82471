"""The page of what is hot."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from retrieval import trending
from tests.console.staff import logged_in, staff_who_may
from tests.worlds import NOW, movie_world

pytestmark = pytest.mark.django_db
PAGE = "/admin/catalog/item/trending/"


@pytest.fixture
def client() -> Iterator[Client]:
    movie_world()
    trending.rebuild(NOW)
    with time_machine.travel(NOW, tick=False):
        yield logged_in(staff_who_may("catalog.view_item"))


def films(client: Client, **query: str) -> list[str]:
    return [row.external_id for row in client.get(PAGE, query).context["report"].rows]


def test_the_live_list_says_what_scores_are_made_of(client: Client):
    answer = client.get(PAGE)
    page = answer.content.decode()

    assert [row.external_id for row in answer.context["report"].rows][:2] == ["amelie", "fargo"]
    assert answer.context["report"].counted is None
    assert re.search(r"2 views\s*<b>1\.563</b>", page)  # e^(-1/6) + e^(-2/6)
    assert "Stale" not in page


def test_a_category_has_a_list_of_its_own_and_a_tag_is_counted(client: Client):
    assert films(client, category="crime") == ["fargo", "heat"]
    assert films(client, tag="funny") == ["amelie", "fargo", "lebowski"]


def test_another_half_life_is_a_preview_and_changes_nothing(client: Client):
    before = trending.top(10).scores.tolist()
    answer = client.get(PAGE, {"half_life_h": "1"})

    assert films(client, half_life_h="1") == ["fargo", "alien", "amelie", "heat", "lebowski"]
    assert "TRENDING_TIME_CONSTANT_S=5194" in answer.content.decode()
    assert [row.live_place for row in answer.context["report"].rows][:2] == [2, 3]
    assert trending.top(10).scores.tolist() == before
    assert client.post(PAGE, {"half_life_h": "1"}).status_code == 405


def test_what_is_no_half_life_is_named_and_the_live_one_shown(client: Client):
    answer = client.get(PAGE, {"half_life_h": "-3"})

    assert "greater than or equal to 0.1" in answer.content.decode()
    assert answer.context["asked"].preview is False


def test_a_rebuild_that_is_late_is_told(client: Client):
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        page = logged_in().get(PAGE).content.decode()

    assert "Stale" in page


def test_without_valkey_the_page_says_so(client: Client, monkeypatch: pytest.MonkeyPatch):
    def away() -> None:
        raise trending.scores.CacheUnavailable("away")

    monkeypatch.setattr(trending, "standing", away)
    answer = client.get(PAGE)

    assert answer.status_code == 503
    assert "Valkey does not answer" in answer.content.decode()
