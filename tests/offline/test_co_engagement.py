import numpy as np
import pytest

from retrieval.ann import IndexUnavailable
from retrieval.hot import watched_statements
from retrieval.related import related_to
from retrieval.source import all_sources, validated
from tests.offline.listeners import context
from tests.retrieval.request.contexts import context as plain_context

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["co_engagement"]


@pytest.mark.parametrize("island", [0, 1])
def test_who_liked_one_island_is_offered_the_rest_of_it(items, island):
    mine, liked = {one.id for one in items[island::2]}, items[island:6:2]

    found = SOURCE.retrieve(context(*liked), 20)

    assert set(found.item_ids.tolist()) <= mine - {one.id for one in liked}
    assert len(found) >= 15  # of 17; what is told against is not proposed


def test_each_candidate_names_a_liked_item_as_its_seed(items):
    liked = items[0:6:2]

    found = SOURCE.retrieve(context(*liked), 20)

    assert set(found.seeds.tolist()) <= {one.id for one in liked}
    assert len(validated(SOURCE, found, 20)) == len(found)


def test_what_was_liked_last_counts_most(items):
    found = SOURCE.retrieve(context(items[0], items[1], options={"step_decay": 0.1}), 40)

    odd = {one.id for one in items[1::2]}
    assert found.item_ids[0] in odd


def test_fewer_are_the_first_of_more(items):
    few, more = (SOURCE.retrieve(context(*items[0:6:2]), k).item_ids.tolist() for k in (3, 10))

    assert few == more[:3]


def test_it_reads_once(items):
    with watched_statements() as statements:
        SOURCE.retrieve(context(*items[:4]), 10)

    assert len(statements) == 1


def test_it_does_not_apply_to_whom_it_cannot_know(items):
    assert not SOURCE.applies_to(context())
    assert not SOURCE.applies_to(plain_context(model=None))


def test_a_table_that_is_gone_is_said_to_be(items):
    with pytest.raises(IndexUnavailable, match="retrieval_related_v0"):
        related_to("retrieval_related_v0", np.array([1]), most=5, deadline=None)
