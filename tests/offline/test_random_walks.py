import datetime as dt

import numpy as np
import pytest

from catalog.history import empty_history, extend_history
from catalog.models import EventType, Item
from retrieval import graph, versions
from retrieval.deadline import Deadline
from retrieval.offline import pipeline
from retrieval.source import all_sources, validated
from retrieval.sql import watched_statements
from retrieval.types import Context, SourceTimeout
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.retrieval.request.contexts import context as plain_context

SOURCE = all_sources()["random_walks"]


@pytest.fixture
def items(db) -> list[Item]:
    _, items = two_islands()
    Item.objects.filter(id=items[38].id).update(active=False)
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG))
    return items


def context(*liked: Item, **changes: object) -> Context:
    like = EventType.objects.get(name="like")
    start = int(NOON.timestamp())
    rows = [(item.id, start + 60 * place, like.id, np.nan, np.nan) for place, item in enumerate(liked)]
    return plain_context(
        now=NOON + dt.timedelta(hours=1),
        history=extend_history(empty_history(), rows, limit=100),
        event_weights={like.id: like.weight},
        model=versions.live_model(),
        **changes,
    )


def test_walks_stay_on_the_island_and_bring_what_is_new_and_active(items):
    liked = items[0:6:2]

    found = SOURCE.retrieve(context(*liked), 40)

    wanted = {one.id for one in items[0::2]} - {one.id for one in liked} - {items[38].id}
    assert set(found.item_ids.tolist()) == wanted
    assert set(found.seeds.tolist()) <= {one.id for one in liked}
    assert len(validated(SOURCE, found, 40)) == 16


def test_the_same_seed_walks_the_same_way(items):
    first, second, other = (SOURCE.retrieve(context(items[0], seed=seed), 10).scores for seed in (5, 5, 6))

    assert first.tolist() == second.tolist() != other.tolist()


def test_it_does_not_apply_where_there_is_no_graph(items):
    assert SOURCE.applies_to(context(items[0]))
    assert not SOURCE.applies_to(context())
    assert not SOURCE.applies_to(plain_context(model=None))


@pytest.mark.django_db(transaction=True)
def test_the_graph_is_read_once_in_the_background_and_waited_for_until_the_deadline():
    _, items = two_islands()
    version = pipeline.start(NOON, dim=DIM, config=CONFIG)
    pipeline.run(version, until="connecting")

    with pytest.raises(SourceTimeout, match="still being read"):
        graph.graph_of(version, deadline=Deadline.after_ms(-1))
    read = graph.graph_of(version, deadline=Deadline.after_ms(30_000))
    with watched_statements() as statements:
        assert graph.graph_of(version, deadline=Deadline.after_ms(-1)) is read

    assert statements == []
    assert read.item_ids.tolist() == [one.id for one in items]
