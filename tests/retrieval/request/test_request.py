"""The whole request on the small world, with real stores; only the sources' threads are left out."""

from dataclasses import replace

import pytest

from catalog.models import Block, Item
from experiments.running import forget_running
from retrieval import toplists, trending
from retrieval.answer import Answer
from retrieval.ingest import ingest
from retrieval.mixes import DEFAULT_BODY, create_revision, forget_cached_mixes, publish
from retrieval.service import retrieve
from retrieval.types import InvalidRequest, Request, RequestFilters
from tests.experiments.running import run_experiment
from tests.worlds import NOW, World, did, movie_world

pytestmark = pytest.mark.django_db

# The default mix, with time enough for a busy machine.
BODY = {**DEFAULT_BODY, "sources": [{**slot, "limit_ms": 10_000} for slot in DEFAULT_BODY["sources"]]}
ALL_ACTIVE = {"alien", "runner", "fargo", "lebowski", "heat", "amelie", "notebook"}


@pytest.fixture
def world() -> World:
    forget_cached_mixes()
    forget_running()
    made = movie_world()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    publish(create_revision(BODY, note="the default mix").number)
    return made


def ask(user: str = "ann", k: int = 100, **changes) -> Answer:
    return retrieve(replace(Request(user=user, k=k, now=NOW, deadline_ms=60_000), **changes))


def films(answer: Answer) -> list[str]:
    return [answer.facts.external_ids[row] for row in answer.facts.rows_of(answer.pool.item_ids)]


def test_a_user_gets_everything_active_she_has_not_engaged_with(world):
    answer = ask("ann")

    assert set(films(answer)) == ALL_ACTIVE - {"fargo", "heat"}
    assert answer.known_user


def test_every_candidate_names_at_least_one_source(world):
    assert (ask("ann").pool.ranks > 0).any(axis=1).all()


def test_what_friends_did_and_what_is_like_the_own_taste_is_found_and_says_so(world):
    answer = ask("ann")
    found_by = {
        film: {name for name, rank in zip(answer.pool.sources, ranks, strict=True) if rank}
        for film, ranks in zip(films(answer), answer.pool.ranks.tolist(), strict=True)
    }

    assert "social" in found_by["amelie"]  # her friend Ben shared it
    assert "content" in found_by["lebowski"]  # the Coens' and funny, as Fargo is


def test_an_answer_that_is_short_says_how_many_and_why(world):
    answer = ask("ann", k=100)

    assert len(answer.pool) == 5
    assert answer.shortfall.startswith("100 asked for, 5 given")
    assert answer.dropped["seen"] == 2


def test_an_answer_that_is_full_has_no_excuse(world):
    answer = ask("ann", k=3)

    assert len(answer.pool) == 3
    assert answer.shortfall == ""


@pytest.mark.parametrize("user", ["dan", "somebody nobody has heard of"])
def test_who_has_no_history_still_gets_the_whole_catalogue(world, user):
    answer = ask(user)

    assert set(films(answer)) == ALL_ACTIVE
    assert answer.known_user is (user == "dan")


def test_each_source_has_a_report(world):
    outcomes = {report.name: report.outcome for report in ask("dan").reports}

    assert outcomes["trending"] == "ok"
    assert outcomes["collaborative"] == outcomes["content"] == outcomes["social"] == "skipped"


def test_a_second_call_comes_from_the_cache_with_the_same_candidates(world):
    first, second = ask("ann"), ask("ann")

    assert (first.cache_level, second.cache_level) == ("none", "L1")
    assert films(first) == films(second)


def test_after_an_event_the_next_answer_is_computed_anew_without_the_item(world):
    ask("ann")

    did("ann", "click", "amelie", hours_ago=0)
    answer = ask("ann")

    assert answer.cache_level == "none"
    assert "amelie" not in films(answer)


def test_an_ingested_event_moves_what_is_trending(world):
    before = trending.top(10).item_ids.tolist()
    notebook = world.items["notebook"]

    shares = [_event(f"stranger {i}", "share", "notebook") for i in range(9)]
    ingest(shares, now=NOW, create_missing=True)

    assert before[0] != notebook
    assert trending.top(10).item_ids.tolist()[0] == notebook


def test_an_item_taken_out_of_the_catalogue_is_gone_from_cached_answers_too(world):
    assert "amelie" in films(ask("ann"))

    Item.objects.filter(external_id="amelie").update(active=False)
    answer = ask("ann")

    assert answer.cache_level == "L1"
    assert "amelie" not in films(answer)


def test_a_block_takes_effect_on_cached_answers_too(world):
    ask("ann")

    Block.objects.create(user_id=world.users["ann"], tag="funny", created_at=NOW)

    assert set(films(ask("ann"))) == {"alien", "runner", "notebook"}


def test_exclude_and_filters_narrow_the_answer(world):
    assert set(films(ask("ann", exclude=frozenset({"alien"}), filters=_only("space")))) == {"runner"}


def test_a_request_may_name_its_sources(world):
    answer = ask("ann", sources=("social",))

    assert [report.name for report in answer.reports] == ["social"]
    assert set(films(answer)) == {"amelie", "alien"}  # Cat's Lebowski is older than a day


def test_an_unknown_source_is_refused_by_name(world):
    with pytest.raises(InvalidRequest, match="'psychic' is no source"):
        ask("ann", sources=("psychic",))


def test_a_published_revision_serves_the_next_request(world):
    only_trending = {**BODY, "sources": [{"name": "trending", "quota": 1000, "limit_ms": 10_000}], "fill": []}

    publish(create_revision(only_trending, note="trending alone").number)

    assert [report.name for report in ask("ann").reports] == ["trending"]


def test_a_surface_may_have_a_mix_of_its_own(world):
    only_social = {**BODY, "sources": [{"name": "social", "quota": 1000, "limit_ms": 10_000}], "fill": []}

    publish(create_revision(only_social, note="friends").number, surface="friends")

    assert [report.name for report in ask("ann", surface="friends").reports] == ["social"]
    assert len(ask("ann").reports) > 1


def test_a_users_arm_serves_its_own_mix_and_the_answer_names_it(world):
    only_social = {**BODY, "sources": [{"name": "social", "quota": 1000, "limit_ms": 10_000}], "fill": []}
    revision = create_revision(only_social, note="friends").number
    run_experiment("friends-first", control=1, friends={"share_per_10000": 9_999, "mix_revision": revision})

    answer = ask("ann")

    assert answer.mix_revision == revision
    assert answer.arms == {"friends-first": "friends"}
    assert [one.arm.name for one in answer.had_a_say] == ["friends"]


def test_caps_hold_where_the_catalogue_allows_it_and_give_way_where_it_does_not(world):
    capped = {**BODY, "caps": {"category_share": 0.5}}
    publish(create_revision(capped, note="at most half of a category").number)

    four, everything = ask("dan", k=4), ask("dan", k=7)

    assert max(_category_counts(four).values()) <= 2
    assert everything.diversity["above_caps"] == 0  # seven films, at most four of a category: all fit
    assert len(everything.pool) == 7


def test_strict_caps_make_an_answer_short_and_it_says_so(world):
    capped = {**BODY, "caps": {"category_share": 0.1, "strict": True}}
    publish(create_revision(capped, note="one of each category").number)

    answer = ask("dan", k=7)

    assert set(_category_counts(answer).values()) == {1}
    assert "caps" in answer.shortfall
    assert answer.dropped["caps"] == 3


def _category_counts(answer: Answer) -> dict[str, int]:
    categories = [answer.facts.category[row] for row in answer.facts.rows_of(answer.pool.item_ids)]
    return {category: categories.count(category) for category in categories}


def _only(category: str) -> RequestFilters:
    return RequestFilters(categories=frozenset({category}))


def _event(user: str, kind: str, film: str):
    from catalog.events import Event

    return Event(None, user, film, kind, None, None, NOW)


def test_where_every_source_fails_what_was_popular_is_served_and_said_to_be_degraded(world):
    trending.forget_copy()
    hopeless = {**BODY, "sources": [{"name": "social", "quota": 1000, "limit_ms": 10_000}], "fill": []}
    revision = create_revision(hopeless, note="friends alone, in no time").number
    answer = ask("ann", mix_revision=revision, deadline_ms=1)

    assert answer.degraded == ("source:social",)
    assert set(films(answer)) == ALL_ACTIVE - {"fargo", "heat"}
