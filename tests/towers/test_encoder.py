import numpy as np
import pytest

from retrieval.encoder import (
    ArtifactMismatch,
    ItemEncoder,
    ItemFeatures,
    Pooling,
    UserEncoder,
    one_event_per_item,
    token_key,
)

EMPTY = np.empty(0, np.float32)


def encoder(**pooling: float) -> UserEncoder:
    return UserEncoder(
        pooling=Pooling(**pooling),
        bias=np.array([0, 0, 1], np.float32),
        profile_keys=np.array([token_key("age_group:old")]),
        profile_vectors=np.array([[0, 2, 0]], np.float32),
        manifest={"dim": 3},
    )


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def test_a_user_of_whom_nothing_is_known_is_the_average_user():
    vector = encoder().encode(np.empty((0, 3), np.float32), EMPTY, EMPTY, {})

    np.testing.assert_array_equal(vector, [0, 0, 1])


def test_a_profile_moves_the_vector_and_an_unknown_value_does_not():
    nothing = np.empty((0, 3), np.float32)

    known = encoder().encode(nothing, EMPTY, EMPTY, {"age_group": "old"})
    unknown = encoder().encode(nothing, EMPTY, EMPTY, {"age_group": "ancient"})

    np.testing.assert_allclose(known, floats(0, 2, 1) / np.sqrt(5), atol=1e-6)
    np.testing.assert_array_equal(unknown, [0, 0, 1])


def test_one_event_moves_the_vector_towards_its_item():
    vector = encoder().encode(np.array([[1, 0, 0]], np.float32), floats(1), floats(0), {})

    np.testing.assert_allclose(vector, floats(1, 0, 1) / np.sqrt(2), atol=1e-6)


def test_later_events_count_for_more():
    shares = Pooling(step_decay=0.5, size_power=0).coefficients(floats(1, 1, 1), floats(0, 0, 0))

    np.testing.assert_allclose(shares, [0.25, 0.5, 1])


def test_an_event_counts_half_after_its_half_life():
    shares = Pooling(half_life_s=60, size_power=0).coefficients(floats(1, 1), floats(60, 0))

    np.testing.assert_allclose(shares, [0.5, 1])


def test_a_dislike_pushes_away_by_its_share():
    shares = Pooling(weight_power=1, dislike=0.5, size_power=0).coefficients(floats(2, -4), floats(0, 0))

    np.testing.assert_allclose(shares, [2, -2])


def test_an_item_keeps_its_last_place_and_its_largest_weight():
    rows, weights = one_event_per_item(np.array([7, 8, 7, 7]), floats(1, 1, 3, 1))

    np.testing.assert_array_equal(rows, [1, 3])
    np.testing.assert_array_equal(weights, [1, 3])


def test_an_item_that_ended_in_dislike_is_disliked():
    rows, weights = one_event_per_item(np.array([7, 7]), floats(3, -1))

    np.testing.assert_array_equal(rows, [1])
    np.testing.assert_array_equal(weights, [-1])


def test_history_vectors_of_another_width_are_refused():
    with pytest.raises(ArtifactMismatch, match="the tower has 3"):
        encoder().encode(np.zeros((1, 4), np.float32), floats(1), floats(0), {})


def test_an_artifact_comes_back_as_it_was():
    original = encoder(step_decay=0.9)

    copy = UserEncoder.from_artifact(original.to_artifact())

    assert copy.pooling == original.pooling
    assert copy.manifest["dim"] == 3
    np.testing.assert_array_equal(copy.profile_vectors, original.profile_vectors)


def test_an_artifact_of_the_other_tower_is_refused():
    with pytest.raises(ArtifactMismatch, match="kind item"):
        ItemEncoder.from_artifact(encoder().to_artifact())


def test_bytes_that_are_no_artifact_are_refused():
    with pytest.raises(ArtifactMismatch, match="safetensors"):
        UserEncoder.from_artifact(b"not an artifact at all")


def test_words_and_named_fields_become_tokens():
    item = ItemFeatures(tags=("Drama",), category="film", title="Fargo, a drama", language="en")

    assert item.tokens() == ["category:film", "language:en", "tag:Drama", "word:drama", "word:fargo"]
