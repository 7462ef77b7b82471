"""From stranger to regular: what an answer is made of, and what it says of it."""

import math
from dataclasses import replace

import pytest

from catalog.models import UserHistory
from coldstart import demographics
from retrieval import toplists, trending
from retrieval.explain import why
from retrieval.mixes import (
    DEFAULT_BODY,
    NEWCOMERS_BODY,
    InvalidMix,
    create_revision,
    forget_cached_mixes,
    mature_share,
    matured,
    mix_by_revision,
    parse_mix,
    publish,
    shipped_body,
)
from retrieval.models import MixRevision
from retrieval.service import ask, retrieve
from retrieval.types import LiveModel, Request
from tests.coldstart.survey import choose, offer_interests
from tests.worlds import NOW, did, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _served() -> None:
    movie_world()
    offer_interests()
    toplists.rebuild(NOW)
    trending.rebuild(NOW)
    demographics.rebuild(NOW)
    forget_cached_mixes()
    publish(create_revision(shipped_body(), note="as shipped").number)


def answer(user: str, **changes):
    return retrieve(replace(Request(user=user, k=5, now=NOW), **changes))


def shipped():
    return mix_by_revision(MixRevision.objects.filter(name="default").latest("number").number)


def test_the_shipped_newcomers_mix_is_half_popular_three_tenths_chosen_and_a_fifth_random():
    quotas = {slot["name"]: slot["quota"] for slot in NEWCOMERS_BODY["sources"]}

    assert quotas["demographic"] + quotas["trending"] == 500
    assert (quotas["interests"], quotas["explore"]) == (300, 200)


def test_it_gives_way_with_every_event_and_every_interest():
    shares = [mature_share(shipped(), event_count=n, interests=0) for n in (0, 1, 3, 10, 1000)]

    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert mature_share(shipped(), event_count=0, interests=1) == pytest.approx(shares[2])


def test_a_stranger_is_served_by_the_newcomers_mix_alone_and_a_regular_by_the_normal_one():
    assert matured(shipped(), event_count=0, interests=0, has_model=True).parts[0].share == 0
    assert matured(shipped(), event_count=1000, interests=0, has_model=True).parts == ()


def regular(**changes):
    """The normal mix for somebody who did so much."""
    return matured(shipped(), **{"event_count": 1000, "interests": 0, "has_model": True} | changes)


def test_a_source_fades_with_events_until_it_is_left_out():
    weights = {slot.name: slot.weight for slot in regular(event_count=10).slots}

    assert weights["demographic"] == pytest.approx(0.8 / math.e)
    assert "demographic" not in {slot.name for slot in regular().slots}
    assert regular().slot("collaborative") == shipped().slot("collaborative")


def test_where_no_version_has_learned_anything_nothing_fades():
    assert {slot.name for slot in regular(has_model=False).slots} == {slot.name for slot in shipped().slots}


def test_what_was_learned_for_newcomers_fades_as_the_source_does():
    calibration = {"demographic": {"score": 2.0}, "collaborative": {"score": 3.0}}
    body = {**DEFAULT_BODY, "segments": [{"below_events": 20, "calibration": calibration}]}
    mix = matured(parse_mix(body), event_count=10, interests=0, has_model=True)

    assert mix.coefficients("demographic", event_count=10) == pytest.approx((0, 2 / math.e, 0))
    assert mix.coefficients("collaborative", event_count=10) == (0, 3, 0)


def test_who_did_much_costs_no_call_of_a_source_that_has_faded(monkeypatch):
    def asked() -> set[str]:
        return {call.source.name for call in ask(Request(user="ann", k=5, now=NOW)).calls}

    fading = {"content", "social", "demographic"}
    UserHistory.objects.filter(user__external_id="ann").update(event_count=1000)
    assert asked() >= fading

    monkeypatch.setattr("retrieval.mixes.choice.live_model", lambda: LiveModel(1, 2, "", ""))
    assert asked().isdisjoint(fading)


def test_a_source_of_both_mixes_runs_once_with_the_larger_quota():
    slots = matured(shipped(), event_count=1, interests=0, has_model=True).slots
    names = [slot.name for slot in slots]

    assert len(names) == len(set(names))
    assert {"collaborative", "interests", "explore"} <= set(names)
    assert next(slot.quota for slot in slots if slot.name == "demographic") == 400


def test_an_answer_to_the_survey_serves_at_once_and_is_the_reason():
    before = answer("dan")
    choose("dan", "romance", "space", "crime")
    after = answer("dan")

    assert before.cold_start.served_by == "trending"
    assert (after.cold_start.served_by, after.cold_start.interests) == ("survey", 3)
    assert after.cold_start.maturity > before.cold_start.maturity == 0
    assert after.history_version == before.history_version + 1
    assert "because you chose Romance" in [by.reason for by in why(Request("dan", 5, NOW), "amelie").found_by]


def test_the_films_that_stand_for_what_was_chosen_are_candidates():
    choose("dan")

    assert {"alien", "amelie", "heat"} <= set(answer("dan", k=7).facts.external_ids)


def test_what_was_really_liked_is_a_reason_of_its_own_again():
    choose("ann")
    reasons = [
        by.reason for film in ("lebowski", "amelie") for by in why(Request("ann", 7, NOW), film).found_by
    ]

    assert "because you liked Fargo" in reasons


def test_who_has_a_profile_is_served_by_people_alike():
    from catalog.models import User

    User.objects.filter(external_id="dan").update(age_group="18-24")

    assert answer("dan").cold_start.served_by == "demographics"


def test_without_anything_popular_it_is_a_random_share():
    trending.forget_copy()
    lonely = create_revision(
        {**NEWCOMERS_BODY, "sources": [{"name": "explore", "quota": 1000}], "fill": []}, note="x"
    )
    body = {**DEFAULT_BODY, "fill": [], "newcomers": {"revision": lonely.number}}
    publish(create_revision(body, note="y").number)

    found = answer("nobody", k=2)
    assert len(found.pool) == 2
    assert found.cold_start.served_by == "random"


def test_a_regular_is_not_told_of_beginnings():
    for number in range(40):
        did("ann", "view", "alien", hours_ago=50 + number)

    assert answer("ann").cold_start is None


def test_a_mix_for_newcomers_must_be_there_and_have_none_of_its_own():
    with pytest.raises(InvalidMix, match="there is no revision 999999"):
        create_revision({**DEFAULT_BODY, "newcomers": {"revision": 999_999}}, note="x")
    with pytest.raises(InvalidMix, match="newcomers of its own"):
        create_revision({**DEFAULT_BODY, "newcomers": {"revision": shipped().revision}}, note="x")
    with pytest.raises(InvalidMix, match="maturity_events"):
        create_revision({**DEFAULT_BODY, "newcomers": {"revision": 1, "maturity_events": 0}}, note="x")


def test_shipping_twice_makes_one_newcomers_mix():
    assert shipped_body()["newcomers"] == shipped_body()["newcomers"]
    assert MixRevision.objects.filter(name="newcomers").count() == 1
