import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cache import Cached, UnreadableCache, bucket_of, pack, unpack
from retrieval.merging import Order, build_pool, merge
from tests.retrieval.request.found import found

POOL = merge(
    {"a": found(5, -6, 2**40, seed=3), "b": found(9, 5)},
    Order.even("round_robin", ["a", "b"]),
)


@pytest.mark.parametrize("filled", [True, False])
def test_what_is_packed_comes_back_the_same(filled):
    cached = unpack(pack(Cached(POOL, filled)))

    assert cached.filled is filled
    assert cached.pool.sources == POOL.sources
    for name in ("item_ids", "scores", "ranks", "source_scores", "seeds"):
        np.testing.assert_array_equal(getattr(cached.pool, name), getattr(POOL, name))


def test_an_empty_pool_survives_too():
    assert len(unpack(pack(Cached(build_pool({"a": found()}), False))).pool) == 0


@given(st.binary(max_size=400))
def test_random_bytes_are_unreadable_and_nothing_worse(noise):
    with pytest.raises(UnreadableCache):
        unpack(noise)


@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_damaged_byte_behind_the_header_is_noticed(position, flip):
    packed = bytearray(pack(Cached(POOL, False)))
    header = 14
    packed[header + position % (len(packed) - header)] ^= flip

    with pytest.raises(UnreadableCache):
        unpack(bytes(packed))


def test_requests_for_nearly_the_same_k_share_an_entry():
    assert [bucket_of(k) for k in (1, 100, 101, 900, 1000, 4000)] == [100, 100, 200, 1000, 1000, 5000]
