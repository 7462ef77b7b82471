import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.cache import Kept, pack, unpack
from retrieval.keys import bucket_of
from retrieval.merging import Order, build_pool, merge
from retrieval.stamps import Stamp, UnreadableCache
from tests.retrieval.request.found import found

POOL = merge(
    {"a": found(5, -6, 2**40, seed=3), "b": found(9, 5)},
    Order.even("round_robin", ["a", "b"]),
)
STAMP = Stamp(1.5, 301.5, 0.02, 7, 39, 1000, "890:895:890,892")


@pytest.mark.parametrize("filled_for", [0, 120])
def test_what_is_packed_comes_back_the_same(filled_for):
    kept = unpack(pack(Kept(POOL, filled_for, STAMP)))

    assert (kept.filled_for, kept.stamp) == (filled_for, STAMP)
    assert kept.pool.sources == POOL.sources
    for name in ("item_ids", "scores", "ranks", "source_scores", "seeds"):
        np.testing.assert_array_equal(getattr(kept.pool, name), getattr(POOL, name))


def test_an_empty_pool_survives_too():
    assert len(unpack(pack(Kept(build_pool({"a": found()}), 0, STAMP))).pool) == 0


@given(st.binary(max_size=400))
def test_random_bytes_are_unreadable_and_nothing_worse(noise):
    with pytest.raises(UnreadableCache):
        unpack(noise)


@given(position=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_one_damaged_byte_is_noticed(position, flip):
    packed = bytearray(pack(Kept(POOL, 0, STAMP)))
    packed[position % len(packed)] ^= flip

    with pytest.raises(UnreadableCache):
        unpack(bytes(packed))


@given(length=st.integers(0, 10_000))
def test_what_is_cut_off_is_unreadable(length):
    packed = pack(Kept(POOL, 0, STAMP))

    with pytest.raises(UnreadableCache):
        unpack(packed[: length % len(packed)])


def test_requests_for_nearly_the_same_k_share_an_entry():
    assert [bucket_of(k) for k in (1, 100, 101, 900, 1000, 4000)] == [100, 100, 200, 1000, 1000, 5000]
