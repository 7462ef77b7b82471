import numpy as np
import pytest
from scipy.sparse import csr_array

from catalog.models import Item
from catalog.writing import delete_users
from retrieval import graph, versions
from retrieval.deadline import Deadline
from retrieval.hot import watched_statements
from retrieval.models import Artifact, ModelVersion
from retrieval.offline import pipeline
from retrieval.offline.forgetting import forget_erased
from retrieval.source import all_sources, validated
from retrieval.types import SourceTimeout
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.offline.listeners import context
from tests.retrieval.request.contexts import context as plain_context

SOURCE = all_sources()["random_walks"]


@pytest.fixture
def items(db) -> list[Item]:
    _, items = two_islands()
    Item.objects.filter(id=items[38].id).update(active=False)
    pipeline.run(pipeline.start(NOON, dim=DIM, config=CONFIG))
    return items


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

    # Once people left it, it is read again in the background, and the one before serves until then.
    ModelVersion.objects.filter(id=version).update(state=ModelVersion.State.READY)
    delete_users(["u0"])
    assert forget_erased() == {version: 1}
    changed_at = ModelVersion.objects.get(id=version).report[versions.GRAPH_CHANGED_AT]
    assert graph.graph_of(version, as_of=changed_at, deadline=Deadline.after_ms(-1)) is read
    if reading := graph._loading.get(version):
        reading.join(timeout=30)
    again = graph.graph_of(version, as_of=changed_at, deadline=Deadline.after_ms(-1))
    assert len(again.group_starts) == len(read.group_starts) - 1


def people_of(version: int) -> int:
    """How many groups of the version's graph are no tags: those hold 20 items, or 19 where one is inactive."""
    sizes = np.diff(graph.graph_of(version, deadline=Deadline.after_ms(30_000)).group_starts)
    return int((sizes < 19).sum())


def test_who_is_erased_leaves_the_served_graph_and_its_file(items):
    version = versions.live_model().version
    assert people_of(version) == 60

    delete_users(["u0", "u3"])
    forgotten = forget_erased()

    assert forgotten == {version: 2}
    assert people_of(version) == 58
    assert forget_erased() == {}
    assert len(SOURCE.retrieve(context(items[0]), 10)) == 10
    # A version from before graphs knew their people is left alone.
    Artifact.objects.filter(version_id=version, name="graph_people").delete()
    delete_users(["u1"])
    assert forget_erased() == {}


def test_a_group_that_goes_takes_its_edges_alone():
    whole = graph.Graph.of(np.array([7, 8, 9]), csr_array(np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0]])))

    rest = whole.without_groups(np.array([0]))

    assert rest.item_ids.tolist() == [7, 8, 9]
    assert rest.group_starts.tolist() == [0, 2, 3]
    assert rest.group_items.tolist() == [1, 2, 0]
    assert rest.item_starts.tolist() == [0, 1, 2, 3]
