import contextlib
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.stamps import Stamp, UnreadableCache, jittered

STAMP = Stamp(0.0, 0.0, 0.05, 7, 39, 1000, "890:895:890,892")
NUMBERS = st.floats(0, 1e10)


def left(seconds: float) -> Stamp:
    return replace(STAMP, expires_at_s=time.time() + seconds)


@given(
    st.builds(
        Stamp,
        NUMBERS,
        NUMBERS,
        NUMBERS,
        st.integers(0, 2**62),
        st.integers(0, 2**62),
        st.integers(0, 5000),
        st.text(),
    )
)
def test_a_stamp_comes_back_the_same(stamp):
    packed = stamp.packed()

    assert Stamp.unpacked(b"head" + packed + b"tail", 4) == (stamp, 4 + len(packed))


@given(st.binary(max_size=60))
def test_random_bytes_are_a_stamp_or_unreadable(noise):
    with contextlib.suppress(UnreadableCache):
        Stamp.unpacked(noise, 0)


def test_what_has_expired_is_always_due():
    assert all(left(-0.001).due_early() for _ in range(100))


def test_long_before_it_expires_nothing_is_due():
    # Twenty seconds are 400 times what it costs: e^-400 of the requests.
    assert not any(left(20).due_early() for _ in range(1000))


def test_at_one_cost_before_the_end_about_one_in_e_requests_is_due(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 100.0)
    stamp = replace(STAMP, expires_at_s=100.05)

    due = sum(stamp.due_early() for _ in range(20_000)) / 20_000

    assert due == pytest.approx(0.368, abs=0.02)


def test_jitter_is_a_tenth_at_most():
    assert all(90 <= jittered(100) <= 110 for _ in range(1000))
    assert len({jittered(100) for _ in range(10)}) == 10
