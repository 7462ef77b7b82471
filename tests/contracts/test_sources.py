"""What every source promises, on a world that can be solved in the head. A new file in `retrieval/sources` is
covered by existing."""

from contextlib import suppress

import numpy as np
import pytest

from catalog.models import User
from catalog.writing import delete_items
from coldstart import demographics
from retrieval import toplists, trending
from retrieval.deadline import Deadline
from retrieval.hot import watched_statements
from retrieval.source import Source, all_sources, validated
from retrieval.types import Context, Found, SourceTimeout
from tests.worlds import NOW, World, add_news, did, movie_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = add_news(movie_world())
    # Somebody went on from what ann likes.
    User.objects.create(external_id="eve", created_at=NOW)
    did("eve", "view", "fargo", hours_ago=5)
    did("eve", "view", "runner", hours_ago=4)
    rebuild()
    return world


@pytest.fixture(params=sorted(all_sources()))
def source(request: pytest.FixtureRequest) -> Source:
    return all_sources()[request.param]


def rebuild() -> None:
    trending.forget_copy()
    trending.rebuild(NOW)
    toplists.rebuild(NOW)
    demographics.rebuild(NOW)


def found_by(source: Source, context: Context, k: int = 5) -> Found:
    return source.retrieve(context, k) if source.applies_to(context) else Found.empty()


def as_lists(found: Found) -> tuple[list[int], list[float], list[int]]:
    return found.item_ids.tolist(), found.scores.tolist(), found.seeds.tolist()


def test_it_introduces_itself(source):
    assert source.name
    assert source.label
    assert source.reason
    assert isinstance(source.explores, bool)


def test_what_it_finds_exists_once_each_best_first_and_finite(source, world):
    found = found_by(source, world.context("ann"))

    assert set(found.item_ids.tolist()) <= set(world.items.values())
    assert len(validated(source, found, 5)) == len(found)
    assert found.item_ids.dtype == np.int64
    assert found.scores.dtype == np.float32
    assert found.seeds.dtype == np.int64


def test_it_finds_something_for_an_active_user_unless_it_says_it_does_not_apply(source, world):
    context = world.context("ann")

    assert (len(found_by(source, context)) > 0) == source.applies_to(context)


@pytest.mark.parametrize("k", [0, 1, 3])
def test_it_finds_no_more_than_it_was_asked_for(source, world, k):
    assert len(found_by(source, world.context("ann"), k)) <= k


def test_fewer_are_the_first_of_more_or_another_sample(source, world):
    few, more = (found_by(source, world.context("ann"), k).item_ids.tolist() for k in (2, 5))

    assert source.explores or few == more[: len(few)]


def test_the_same_context_gets_the_same_answer(source, world):
    first, second = (found_by(source, world.context("ann")) for _ in range(2))

    assert as_lists(first) == as_lists(second)


@pytest.mark.parametrize("user", ["dan", "a stranger"])
def test_without_a_history_it_does_not_apply_or_answers_validly(source, world, user):
    found = found_by(source, world.context(user))

    assert len(validated(source, found, 5)) == len(found)


def test_it_asks_postgres_at_most_twice(source, world):
    context = world.context("ann", options={"per_category": 0.5})

    with watched_statements() as statements:
        found_by(source, context)

    assert len(statements) <= 2


def test_it_asks_over_connections_that_cannot_write(source, world, django_assert_num_queries):
    """Hot connections are read-only and counted above; nothing may go around them."""
    context = world.context("ann")
    found_by(source, context)  # what a process reads once and keeps, such as a model

    with django_assert_num_queries(0):
        found_by(source, context)


def test_an_event_of_the_future_changes_nothing(source, world):
    before = as_lists(found_by(source, world.context("ann")))

    did("ann", "share", "notebook", hours_ago=-1)
    did("ben", "share", "notebook", hours_ago=-1)
    rebuild()

    assert as_lists(found_by(source, world.context("ann"))) == before


def test_past_its_deadline_it_stops_instead_of_asking_postgres(source, world):
    late = world.context("ann", deadline=Deadline.after_ms(-1))

    with watched_statements() as statements, suppress(SourceTimeout):
        found_by(source, late)

    assert statements == []


def test_an_empty_catalogue_gives_nothing(source, world):
    context = world.context("ann")
    delete_items(list(world.items))
    rebuild()

    assert len(found_by(source, context)) == 0
