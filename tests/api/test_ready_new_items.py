"""Ready answers with new items in them: given again while what was chosen stands, and until it has been shown."""

from typing import Any

import pytest
from django.utils import timezone

from coldstart.impressions import Impression, record_impressions
from coldstart.models import Spending, Trial
from tests.api.ready_site import ask
from tests.coldstart.conftest import ruled
from tests.worlds import NOW, World, add_news, try_item

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["ruled"]


@pytest.fixture
def news(world, ruled) -> World:
    """Film "premiere" is tried on everybody at the second place; the bandit is silent, unless a test wakes it."""
    ruled(position=2, slots=1, bandit_slots=0)
    add_news(world)
    return world


def is_ready(body: dict[str, Any]) -> bool:
    return bool(body["cache"]["ready"])


def by_chance(body: dict[str, Any]) -> dict[str, float]:
    """The items that chance had a say in, with their propensities."""
    return {
        candidate["item_id"]: candidate["propensity"]
        for candidate in body["candidates"]
        if "propensity" in candidate
    }


def show(body: dict[str, Any], user: str = "ann") -> None:
    """The client reports all that the answer has, as the answer says it."""
    rows = [
        Impression(
            request_id=body["request_id"],
            user=user,
            item=candidate["item_id"],
            position=place,
            source=candidate["sources"][0]["name"],
            propensity=candidate.get("propensity"),
        )
        for place, candidate in enumerate(body["candidates"], 1)
    ]
    assert {result.status for result in record_impressions(rows, now=NOW)} == {"accepted"}


def test_a_new_item_is_in_the_ready_answer_until_it_has_been_shown(http, news):
    first, second = ask(http), ask(http)

    assert (is_ready(first), is_ready(second)) == (False, True)
    assert by_chance(first) == by_chance(second) == {"premiere": 1.0}

    show(second)
    after = [ask(http) for _ in range(2)]

    assert [is_ready(body) for body in after] == [False, True]
    assert [by_chance(body) for body in after] == [{}, {}]


def test_what_another_user_was_shown_changes_nothing(http, news):
    ask(http)

    show(ask(http, user="ben"), user="ben")

    assert is_ready(ask(http))


def test_places_that_the_bandit_left_as_they_were_are_drawn_anew_once_they_were_shown(http, news, ruled):
    ruled(position=2, slots=0, bandit_slots=1, budget=0.000_001)
    Trial.objects.update(share=0.0, periods=1)
    first, second = ask(http), ask(http)
    assert is_ready(second)
    assert by_chance(first) == by_chance(second) != {}
    assert "premiere" not in by_chance(first)

    show(second)

    # Whatever was drawn has one turn: what stays is not given again more often than what is tried.
    assert not is_ready(ask(http))
    assert is_ready(ask(http))


def test_an_arm_of_the_bandit_holds_while_it_is_one(http, news, ruled):
    ruled(position=2, slots=0, bandit_slots=1, budget=1.0)
    Trial.objects.update(share=0.0, periods=1)
    drawn = next(body for body in (drawn_anew(http) for _ in range(200)) if "premiere" in by_chance(body))
    again = ask(http)
    assert is_ready(again)
    assert by_chance(again) == by_chance(drawn)

    Trial.objects.update(state=Trial.State.RETIRED, changed_at=NOW)

    assert by_chance(ask(http)) == {}


def drawn_anew(http) -> dict[str, Any]:
    body = ask(http)
    if "premiere" not in by_chance(body):
        show(body)
    return body


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_item_that_is_new_takes_its_place_in_the_next_answer_of_whom_it_is_due_to(http, news, share):
    ask(http)
    assert is_ready(ask(http))

    Trial.objects.filter(item__external_id="premiere").delete()
    try_item(news.items["fargo"], share=share)

    assert not is_ready(ask(http))
    assert "premiere" not in by_chance(ask(http))


def test_a_budget_that_is_spent_ends_what_was_chosen(http, news):
    ask(http)
    assert is_ready(ask(http))

    Spending.objects.create(hour=timezone.now(), shard=99, shown=10_000, explored=10_000)

    assert by_chance(ask(http)) == {}
    assert is_ready(ask(http))
