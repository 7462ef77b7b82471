import numpy as np
import pytest
from scipy.sparse import csr_array

from catalog.models import Item
from retrieval import versions
from retrieval.factors import Factors
from retrieval.hot import watched_statements
from retrieval.models import ModelVersion
from retrieval.offline import pipeline, vectors_table
from retrieval.offline.factorizing import Settings, factorize, of_length_one, settings_for
from retrieval.source import all_sources, validated
from retrieval.sources.factorization import LEAST_LIKES
from tests.offline.catalog_world import NOON
from tests.offline.islands import CONFIG, DIM, two_islands
from tests.offline.listeners import context

SOURCE = all_sources()["factorization"]


@pytest.mark.parametrize("island", [0, 1])
def test_who_liked_one_island_is_offered_it_first(items, island):
    found = SOURCE.retrieve(context(*items[island:6:2]), 40)

    mine = {one.id for one in items[island::2]}
    assert set(found.item_ids[:10].tolist()) <= mine
    assert len(validated(SOURCE, found, 40)) == 40


def test_what_was_liked_last_counts_most(items):
    odd = {one.id for one in items[1::2]}

    def odd_first(*liked: Item) -> int:
        found = SOURCE.retrieve(context(*liked, options={"step_decay": 0.1}), 10)
        return len(odd & set(found.item_ids.tolist()))

    assert odd_first(items[0], items[1]) > odd_first(items[1], items[0])


def test_it_reads_twice_at_most(items):
    SOURCE.retrieve(context(*items[:4]), 10)

    with watched_statements() as statements:
        SOURCE.retrieve(context(*items[:4]), 10)

    assert len(statements) <= 2


def test_it_applies_to_whoever_liked_enough(items):
    assert not SOURCE.applies_to(context(*items[: LEAST_LIKES - 1]))
    assert SOURCE.applies_to(context(*items[:LEAST_LIKES]))
    assert SOURCE.applies_to(context(*items[:2], options={"least_likes": 2}))


def test_it_does_not_apply_where_the_version_has_no_factors(items):
    ModelVersion.objects.update(report={})
    versions.forget_live_model()

    assert not SOURCE.applies_to(context(*items[:LEAST_LIKES]))


def test_what_is_inactive_has_no_row(db):
    _, items = two_islands()
    Item.objects.filter(id=items[3].id).update(active=False)
    version = pipeline.start(NOON, dim=DIM, config=CONFIG)
    pipeline.run(version, until="factorizing")

    table = ModelVersion.objects.get(id=version).factors_table
    assert vectors_table.item_ids(table).tolist() == sorted(one.id for one in items if one is not items[3])


def test_a_user_solved_on_line_is_the_one_that_training_would_find():
    """With the items' factors held, one step of least squares gives the best user: its gradient is zero."""
    rng = np.random.default_rng(0)
    items, confidence, regularization = rng.standard_normal((30, 4)).astype(np.float32), 5.0, 0.1
    liked = np.array([2, 7, 11])
    factors = Factors(items.T @ items + regularization * np.eye(4, dtype=np.float32), confidence)

    user = factors.user(items[liked], np.ones(3, np.float32))[:-1]

    weights, wanted = np.ones(30), np.zeros(30)
    weights[liked], wanted[liked] = 1 + confidence, 1
    gradient = items.T @ (weights * (items @ user - wanted)) + regularization * user
    assert np.abs(gradient).max() < 1e-3


def test_the_file_comes_back_as_it_was():
    factors = Factors(np.eye(3, dtype=np.float32), 7.5)

    again = Factors.unpacked(factors.packed())

    assert again.gram.tolist() == factors.gram.tolist()
    assert again.confidence == 7.5


def test_unit_rows_keep_the_order_of_inner_products():
    rng = np.random.default_rng(1)
    factors, user = rng.standard_normal((50, 3)).astype(np.float32), rng.standard_normal(3)

    rows = of_length_one(factors)

    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(50))
    assert np.argsort(rows @ [*user, 0]).tolist() == np.argsort(factors @ user).tolist()


@pytest.mark.parametrize(
    ("users", "items", "likes", "confidence", "regularization"),
    [(943, 1_682, 66_969, 3, 0.1), (1_892, 17_632, 74_294, 10, 0.01), (29_858, 40_981, 810_128, 30, 0.003)],
)
def test_the_rule_meets_what_a_search_found(users, items, likes, confidence, regularization):
    rng = np.random.default_rng(2)
    pairs = rng.choice(users * items, likes, replace=False)
    liked = csr_array((np.ones(likes, np.float32), (pairs // items, pairs % items)), (users, items))

    found = settings_for(liked, dim=128)

    assert confidence / 1.5 < found.confidence < confidence * 1.5
    assert regularization / 2 < found.regularization < regularization * 2
    assert found.factors == 64


def test_few_users_get_few_factors():
    liked = csr_array(np.array([[1, 1, 0], [0, 1, 1]], np.float32))

    assert factorize(liked, Settings(64, 2.0, 0.1)).shape == (3, 2)
