import numpy as np
from scipy.sparse import csr_array

from retrieval.towers.spectrum import explained_by, right_singular_vectors, spectrum

# Two islands: users 0-2 like items 0-2 (item 0 most), users 3-4 like items 3-4; nobody likes item 5.
LIKED = csr_array(
    np.array(
        [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 0]],
        np.float32,
    )
)


def test_singular_vectors_are_those_of_the_dense_decomposition():
    rng = np.random.default_rng(2)
    dense = (rng.random((40, 30)) < 0.2).astype(np.float32)

    found = right_singular_vectors(csr_array(dense), 5, seed=1)

    exact = np.linalg.svd(dense)[2][:5].T
    np.testing.assert_allclose(np.abs((found * exact).sum(axis=0)), 1, atol=1e-3)


def test_items_have_length_one_and_those_that_nobody_likes_are_nowhere():
    items = spectrum(LIKED, dim=4, seed=1).items

    np.testing.assert_allclose(np.linalg.norm(items, axis=1), [1, 1, 1, 1, 1, 0], atol=1e-5)


def test_cosines_keep_the_order_of_the_low_pass_filter():
    found = spectrum(LIKED, dim=3, seed=1)
    sizes, root = np.array([2, 3, 2, 2, 2]), np.sqrt(np.array([3, 2, 2, 2, 2, 1]))
    normal = LIKED.toarray() / np.sqrt(sizes)[:, None] / root
    right = np.linalg.svd(normal)[2][:2].T
    exact = (LIKED.toarray() / root) @ right @ right.T * root

    scores = (LIKED @ found.history) @ found.items.T

    ratio = scores[:, :5] / np.where(np.abs(exact[:, :5]) > 1e-6, exact[:, :5], np.nan)
    assert np.nanstd(ratio) / np.nanmean(ratio) < 1e-3


def test_a_user_finds_her_island():
    found = spectrum(LIKED, dim=3, seed=1)

    scores = found.history[3] @ found.items.T

    assert scores[4] > 10 * np.abs(scores[:3]).max()


def test_tokens_get_what_the_items_that_bear_them_have_in_common():
    bags = csr_array(np.repeat(np.eye(2, dtype=np.float32), 100, axis=0))
    vectors = np.repeat(np.array([[1, 0, 2], [0, -3, 0]], np.float32), 100, axis=0)

    learned = explained_by(bags, vectors, rows=np.ones(200, bool))

    # Ridge: 100 bearers against 4.
    np.testing.assert_allclose(learned, np.array([[1, 0, 2], [0, -3, 0]]) * 100 / 104, atol=1e-4)


def test_items_left_out_teach_tokens_nothing():
    bags = csr_array(np.ones((2, 1), np.float32))
    vectors = np.array([[5], [-100]], np.float32)

    learned = explained_by(bags, vectors, rows=np.array([True, False]))

    np.testing.assert_allclose(learned, [[1]], atol=1e-5)
