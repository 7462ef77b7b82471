import datetime as dt

import numpy as np
import pytest

from catalog.models import Item
from retrieval import versions
from retrieval.ann import ExactIndex
from retrieval.models import ModelVersion
from retrieval.offline import pipeline, vectors_table
from retrieval.offline.new_items import embed_new_items
from tests.offline.catalog_world import NOON, item
from tests.offline.islands import CONFIG, DIM

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


def table() -> str:
    return versions.live_model().vectors_table


def island_of(item_id: int, items: list[Item]) -> str:
    """The island that most of the ten nearest items belong to."""
    index = ExactIndex(table())
    _, vectors = index.item_vectors(np.array([item_id]), deadline=None)
    nearest, _ = index.search(vectors[0], 11, deadline=None)
    even = {one.id for one in items[::2]}
    return "even" if len(even & set(nearest.tolist())) > 5 else "odd"


@pytest.mark.parametrize("island", ["even", "odd"])
def test_a_new_item_joins_the_island_of_its_tags(items, island):
    newcomer = item("newcomer", tags=[island], updated_at=LATER)

    embed_new_items(LATER)

    assert island_of(newcomer.id, items) == island


def test_a_changed_item_moves(items):
    newcomer = item("newcomer", tags=["odd"], updated_at=LATER)
    embed_new_items(LATER)

    Item.objects.filter(id=newcomer.id).update(tags=["even"], updated_at=LATER + MINUTE)
    embed_new_items(LATER + MINUTE)

    assert island_of(newcomer.id, items) == "even"


def test_an_item_that_was_trained_keeps_what_was_learned_of_it(items):
    index = ExactIndex(table())
    _, before = index.item_vectors(np.array([items[0].id]), deadline=None)

    Item.objects.filter(id=items[0].id).update(title="A title at last", updated_at=LATER)
    embed_new_items(LATER)

    _, after = index.item_vectors(np.array([items[0].id]), deadline=None)
    np.testing.assert_array_equal(before, after)


def test_a_deactivated_item_leaves(items):
    Item.objects.filter(id=items[0].id).update(active=False, updated_at=LATER)

    embed_new_items(LATER)

    assert items[0].id not in vectors_table.item_ids(table()).tolist()


def test_a_reactivated_item_comes_back(items):
    Item.objects.filter(id=items[0].id).update(active=False, updated_at=LATER)
    embed_new_items(LATER)

    Item.objects.filter(id=items[0].id).update(active=True, updated_at=LATER + MINUTE)
    embed_new_items(LATER + MINUTE)

    assert island_of(items[0].id, items) == "even"


def test_a_second_run_finds_nothing_left_to_do(items):
    item("newcomer", tags=["odd"], updated_at=LATER)
    embed_new_items(LATER)

    (changes,) = embed_new_items(LATER + dt.timedelta(minutes=5)).values()

    assert (changes.embedded, changes.removed) == (0, 0)


def test_an_item_committed_late_is_still_found(items):
    item("first", tags=["odd"], updated_at=LATER)
    embed_new_items(LATER)

    late = item("late", tags=["odd"], updated_at=LATER - MINUTE)
    embed_new_items(LATER + dt.timedelta(seconds=30))

    assert late.id in vectors_table.item_ids(table()).tolist()


def test_the_version_to_roll_back_to_is_kept_current_too(items):
    first = versions.live_model()
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG))
    newcomer = item("newcomer", tags=["odd"], updated_at=LATER)

    embed_new_items(LATER)

    assert ModelVersion.objects.get(id=first.version).state == ModelVersion.State.READY
    assert newcomer.id in vectors_table.item_ids(first.vectors_table).tolist()


def test_many_items_with_one_time_all_arrive(items, monkeypatch):
    monkeypatch.setattr("retrieval.offline.new_items._ITEMS_PER_BATCH", 3)
    for number in range(8):
        item(f"new{number}", tags=["odd"], updated_at=LATER)

    (changes,) = embed_new_items(LATER).values()

    assert changes.embedded == 8
    assert len(vectors_table.item_ids(table())) == 48
