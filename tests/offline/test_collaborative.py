import numpy as np
import pytest

from catalog.models import Item, User
from retrieval import versions
from retrieval.hot import watched_statements
from retrieval.source import all_sources
from tests.offline.catalog_world import NOON
from tests.offline.islands import two_islands
from tests.offline.listeners import context

pytestmark = pytest.mark.django_db
SOURCE = all_sources()["collaborative"]


@pytest.mark.parametrize("island", [0, 1])
def test_who_liked_one_island_is_offered_that_island(items, island):
    mine = {one.id for one in items[island::2]}
    liked = context(*((one.id, "like") for one in items[island:6:2]))

    found = SOURCE.retrieve(liked, 20)

    assert len(mine & set(found.item_ids.tolist())) >= 18


def test_one_new_event_moves_the_user_without_training(items):
    before = SOURCE.retrieve(context((items[0].id, "like")), 40)
    after = SOURCE.retrieve(
        context((items[0].id, "view"), (items[1].id, "share"), (items[3].id, "share")), 40
    )

    odd = items[5].id
    assert after.item_ids.tolist().index(odd) < before.item_ids.tolist().index(odd)


def test_two_queries_are_asked(items):
    liked = context((items[0].id, "like"))
    SOURCE.retrieve(liked, 5)

    with watched_statements() as statements:
        SOURCE.retrieve(liked, 5)

    assert len(statements) == 2


def test_it_applies_to_nobody_without_likes(items):
    assert SOURCE.applies_to(context((items[0].id, "view")))
    assert not SOURCE.applies_to(context((items[0].id, "dislike")))
    assert not SOURCE.applies_to(context())


def test_it_applies_to_nobody_before_a_version_is_live():
    _, items = two_islands()

    assert not SOURCE.applies_to(context((items[0].id, "like")))


def test_a_history_that_the_version_does_not_know_still_gives_an_answer(items):
    stranger = Item.objects.create(external_id="stranger", created_at=NOON, updated_at=NOON)

    found = SOURCE.retrieve(context((stranger.id, "like")), 10)

    assert len(found) == 10


def test_effort_comes_from_the_mix_and_never_cuts_the_answer(items):
    assert len(SOURCE.retrieve(context((items[0].id, "like"), options={"ef_search": 1}), 30)) == 30


def test_none_asked_gives_none(items):
    assert len(SOURCE.retrieve(context((items[0].id, "like")), 0)) == 0


def test_on_line_and_off_line_see_the_same_user(items):
    """A user of the snapshot, encoded by the gates' code and by the source's."""
    from retrieval import artifacts
    from retrieval.encoder import UserEncoder
    from retrieval.offline.arrays import read_snapshot
    from retrieval.offline.item_vectors import ItemVectors
    from retrieval.offline.snapshot import folder_of
    from retrieval.offline.training import TRAINED
    from retrieval.offline.user_vectors import encode_users
    from retrieval.sources.collaborative import user_vector
    from retrieval.towers.data import without_repeats

    model = versions.live_model()
    folder = folder_of(model.version)
    arrays = read_snapshot(folder)
    encoder = UserEncoder.from_artifact(artifacts.load(model.version, artifacts.USER_ENCODER))
    rows = arrays.data.user_index == 0
    events = [(int(arrays.data.item_ids[i]), "like") for i in arrays.data.item_index[rows]]
    assert User.objects.get(id=arrays.user_ids[0]).external_id == "u0"

    (offline,) = encode_users(
        encoder,
        without_repeats(arrays.data),
        ItemVectors.load(folder / TRAINED).history,
        np.array([0]),
        now_s=int(NOON.timestamp()),
    )

    # Half precision in the table, single in the file.
    np.testing.assert_allclose(user_vector(context(*events), model), offline, atol=2e-3)
