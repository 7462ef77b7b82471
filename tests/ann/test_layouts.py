from hypothesis import given
from hypothesis import strategies as st

from retrieval.ann.snapshots.layouts import list_count, nprobe_of, parts

SIZES = st.integers(1, 20_000_000)


def test_a_vector_of_128_dimensions_takes_64_bytes():
    assert parts(128) == 64


@given(st.integers(1, 2048))
def test_the_parts_of_a_vector_divide_it(dim: int):
    assert dim % parts(dim) == 0
    assert 1 <= parts(dim) <= 64


@given(SIZES)
def test_no_list_is_nearly_empty(rows: int):
    assert 1 <= list_count(rows) <= max(1, rows // 40)


@given(st.integers(0, 1000), st.integers(1, 2000), SIZES)
def test_as_many_lists_are_read_as_hold_k_rows(effort: int, k: int, rows: int):
    lists = list_count(rows)
    nprobe = nprobe_of(effort, k, rows, lists)
    assert 1 <= nprobe <= lists
    assert nprobe == lists or nprobe * rows / lists >= min(k, rows)
