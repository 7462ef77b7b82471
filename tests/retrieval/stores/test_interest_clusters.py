import numpy as np
import pytest

from retrieval.offline import vectors_table
from retrieval.source import all_sources
from retrieval.types import LiveModel
from tests.retrieval.request.contexts import LIKE, context, history

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["interest_clusters"]
TABLE = "test_interests"
EAST, NORTH = np.array([1, 0], np.float32), np.array([0, 1], np.float32)


@pytest.fixture
def model() -> LiveModel:
    """Items 1 to 40 in the east, 101 to 140 in the north, each direction bent a little more from item to item."""
    bend = np.arange(40, dtype=np.float32)[:, None] / 60
    rows = np.concatenate([EAST + bend * NORTH, NORTH + bend * EAST])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = np.concatenate([np.arange(1, 41), np.arange(101, 141)])
    vectors_table.create(TABLE, 2)
    vectors_table.copy_in(TABLE, ids, rows, rows)
    return LiveModel(version=1, dim=2, vectors_table=TABLE, related_table="")


def test_each_interest_has_places_by_its_share_and_says_which_like_stands_for_it(model):
    liked = [*range(1, 9), *range(101, 105)]
    asking = context(
        model=model, history=history(*((item, LIKE, 1) for item in liked)), options={"clusters": 2}
    )

    found = SOURCE.retrieve(asking, 12)

    east = found.item_ids < 100
    assert (int(east.sum()), len(found)) == (8, 12)
    assert not set(found.item_ids.tolist()) & set(liked)
    assert set(found.seeds[east].tolist()) <= set(range(1, 9))
    assert set(found.seeds[~east].tolist()) <= set(range(101, 105))
    assert SOURCE.retrieve(asking, 5).item_ids.tolist() == found.item_ids[:5].tolist()


def test_who_liked_only_what_has_no_vector_gets_nothing(model):
    assert len(SOURCE.retrieve(context(model=model, history=history((999, LIKE, 1))), 12)) == 0
