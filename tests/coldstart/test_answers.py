"""Answers: what is stored, refused, and what they stand for in a request."""

from datetime import timedelta

import pytest

from catalog.models import User, UserHistory
from catalog.writing import delete_users
from coldstart.interests import (
    InvalidAnswer,
    answer_of,
    answer_survey,
    current_consent,
    learn_representatives,
    withdraw_answer,
)
from coldstart.models import Consent, Interest, SurveyAnswer
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.filters import seen_items
from retrieval.mixes import Mix
from retrieval.source import all_sources
from retrieval.types import Context, Request
from tests.coldstart.survey import choose, offer_interests
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = movie_world()
    offer_interests()
    return world


def context_of(user: str) -> Context:
    request = Request(user=user, k=10, now=NOW)
    return build_context(request, mix=Mix(1, ()), arms={}, model=None, deadline=Deadline.after_ms(60_000))


def refusal(*slugs: str, consent: str | None = None) -> InvalidAnswer:
    with pytest.raises(InvalidAnswer) as caught:
        answer_survey("dan", slugs, consent_version=consent or current_consent().version, now=NOW)
    return caught.value


def test_an_answer_is_kept_with_the_text_that_was_agreed_to(world):
    choose("dan", "romance", "space", "crime")

    answer = answer_of("dan")
    assert [interest.slug for interest in answer.interests] == ["romance", "space", "crime"]
    assert SurveyAnswer.objects.get().consent.text == current_consent().text


def test_answering_again_replaces_and_moves_the_version_that_cache_keys_are_made_of(world):
    choose("dan")
    before = UserHistory.objects.get(user__external_id="dan").version
    choose("dan", "crime", "space", "romance")

    assert answer_of("dan").interests[0].slug == "crime"
    assert UserHistory.objects.get(user__external_id="dan").version == before + 1


def test_somebody_the_catalogue_does_not_know_becomes_known(world):
    choose("zoe")

    assert User.objects.filter(external_id="zoe").exists()


def test_bad_answers_are_refused_with_the_place_and_the_remedy(world):
    assert refusal("space", "crime", "westerns").field == "interests.2"
    assert refusal("space", "crime", "space").code == "repeated"
    assert refusal("space", "crime").field == "interests"
    assert refusal("space", "crime", "romance", consent="1999").field == "consent_version"
    assert SurveyAnswer.objects.count() == 0


def test_a_text_that_has_been_replaced_can_no_longer_be_agreed_to(world):
    old = current_consent().version
    Consent.objects.create(version="2027", text="Something else.")

    assert refusal("space", "crime", "romance", consent=old).code == "outdated"


def test_what_was_chosen_is_forgotten_on_demand_and_with_the_person(world):
    choose("dan"), choose("zoe")

    assert withdraw_answer("dan")
    assert not withdraw_answer("dan")
    delete_users(["zoe"])
    assert SurveyAnswer.objects.count() == 0


def test_films_named_by_hand_stand_first_then_the_most_liked_of_the_category(world):
    Interest.objects.filter(slug="crime").update(items=["fargo"])
    learn_representatives(NOW)

    crime = Interest.objects.get(slug="crime")
    # Heat is the other crime film that anybody liked; lost is inactive.
    assert world.names(crime.representatives) == ["fargo", "heat"]


def test_the_films_of_what_was_chosen_are_liked_but_not_seen(world):
    choose("dan")
    context = context_of("dan")

    assert sorted(world.names(context.liked()["item_id"])) == [
        "alien", "amelie", "fargo", "heat", "notebook", "runner",
    ]  # fmt: skip
    assert len(context.history) == 0
    assert len(seen_items(context, Mix(1, ()), {})) == 0


def test_real_events_come_after_them_and_weigh_more_and_more(world):
    choose("dan")
    stated = context_of("dan").weights_of(context_of("dan").liked())[0]
    for number, film in enumerate(["lebowski", "amelie"]):
        did("dan", "like", film, hours_ago=5 - number)
    context = context_of("dan")
    weights = context.weights_of(context.liked())

    assert context.liked()["item_id"].tolist()[-2:] == [world.items["lebowski"], world.items["amelie"]]
    assert weights[-1] == 3.0 * 5.0  # a like, among the first ten events
    assert 0 < weights[0] < stated


def test_after_a_hundred_events_an_answer_says_nothing_any_more(world):
    choose("dan")
    UserHistory.objects.filter(user__external_id="dan").update(event_count=100)

    assert len(context_of("dan").liked()) == 0
    assert len(context_of("dan").stated.interests) == 3


def test_an_event_of_the_item_counts_as_what_it_is(world):
    choose("dan")
    did("dan", "like", "alien", hours_ago=1)

    assert world.items["alien"] in context_of("dan").engaged()


def test_the_interests_take_turns_and_are_the_reason(world):
    choose("dan", "romance", "space", "crime")
    source = all_sources()["interests"]
    found = source.retrieve(context_of("dan"), 4)

    assert world.names(found.item_ids) == ["amelie", "alien", "heat", "notebook"]
    assert found.seeds[0] == -Interest.objects.get(slug="romance").pk


def test_a_stated_interest_that_was_deleted_is_skipped(world):
    choose("dan")
    Interest.objects.filter(slug="space").delete()
    learn_representatives(NOW + timedelta(seconds=1))

    assert [one.slug for one in context_of("dan").stated.interests] == ["crime", "romance"]
