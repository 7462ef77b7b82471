"""What a process remembers of changes, against plain sets of transactions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.changes import ALL_LISTS, Snapshot
from retrieval.facts.changes import Tail, Told

SNAPSHOTS = st.builds(
    lambda xmax, running: Snapshot(xmax, frozenset(x for x in running if x < xmax)),
    st.integers(1, 12),
    st.sets(st.integers(0, 11)),
)


def ids(*numbers: int):
    return np.array(numbers, np.int64)


def committed(snapshot: Snapshot) -> set[int]:
    return {xid for xid in range(snapshot.xmax) if xid not in snapshot.running}


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_snapshot_sees_all_of_another_where_that_one_saw_nothing_else(one, other):
    assert one.sees_all_of(other) == (committed(other) <= committed(one))


def test_snapshots_far_apart_are_compared_at_once():
    old, new = Snapshot(10, frozenset()), Snapshot(2**60, frozenset({5}))

    assert (old.sees_all_of(new), new.sees_all_of(old)) == (False, False)


@pytest.mark.parametrize("text", ["", "1:2", "a:b:", "1:2:x"])
def test_what_is_no_snapshot_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  whatever int() says
        Snapshot.of(text)


def touched(tail: Tail, moment: str, *items: int) -> bool | None:
    told = tail.since(moment)
    return None if told is None else any(one.touches(ids(*items)) for one in told)


def test_what_was_made_before_a_change_is_touched_by_it_and_what_was_made_after_it_is_not():
    tail = Tail()
    tail.tell("10:10:", [], incomplete=True)
    tail.tell("12:12:", [7], incomplete=False)

    assert touched(tail, "10:10:", 5, 7) is True
    assert touched(tail, "10:10:", 5) is False
    assert touched(tail, "12:12:", 7) is False


def test_a_change_of_a_transaction_that_ran_then_touches_what_was_made_meanwhile():
    tail = Tail()
    tail.tell("10:10:", [], incomplete=True)
    tail.tell("10:13:10", [3], incomplete=False)  # 11 or 12 changed 3 while 10 ran
    tail.tell("13:13:", [7], incomplete=False)  # 10 changed 7

    assert touched(tail, "10:13:10", 7) is True
    assert touched(tail, "10:13:10", 3) is False


def test_nothing_is_known_of_what_came_before_the_process():
    tail = Tail()

    assert tail.since("10:10:") is None
    tail.tell("10:10:", [], incomplete=True)
    assert tail.since("9:9:") is None
    assert tail.since("10:10:") == []


def test_who_missed_something_begins_anew():
    tail = Tail()
    tail.tell("10:10:", [], incomplete=True)
    tail.tell("12:12:", [7], incomplete=True)

    assert tail.since("10:10:") is None
    assert tail.since("12:12:") == []


def test_a_thread_that_comes_late_takes_nothing_back():
    tail = Tail()
    tail.tell("10:10:", [], incomplete=True)
    tail.tell("14:14:", [7, 8], incomplete=False)
    tail.tell("12:12:", [7], incomplete=False)

    assert touched(tail, "12:12:", 8) is True
    assert touched(tail, "14:14:", 8) is False


def test_many_entries_are_joined_and_forget_nothing():
    tail = Tail()
    tail.tell("1:1:", [], incomplete=True)
    for xid in range(2, 500):
        tail.tell(f"{xid}:{xid}:", [xid], incomplete=False)

    assert all(touched(tail, f"{xid - 1}:{xid - 1}:", xid) for xid in range(2, 500))
    assert len(tail.since("1:1:")) <= 64
    assert touched(tail, "499:499:", *range(2, 500)) is False


def test_where_too_many_items_changed_the_oldest_are_no_longer_known():
    tail = Tail()
    tail.tell("1:1:", [], incomplete=True)
    for turn in range(10):
        xid = turn + 2
        tail.tell(f"{xid}:{xid}:", list(range(turn * 9_000 + 1, turn * 9_000 + 9_001)), incomplete=False)

    assert tail.since("1:1:") is None
    assert touched(tail, "10:10:", 81_001) is True


def test_a_list_is_distrusted_for_its_items_and_touched_by_their_changes():
    told = Told.of(Snapshot(5, frozenset()), [3, -7])

    assert (told.distrusts(ids(7)), told.distrusts(ids(3))) == (True, False)
    assert (told.touches(ids(7)), told.touches(ids(3)), told.touches(ids(4))) == (True, True, False)


def test_all_lists_and_all_facts_are_different_things():
    lists = Told.of(Snapshot(5, frozenset()), [ALL_LISTS])
    everything = Told.of(Snapshot(5, frozenset()), [0])

    assert (lists.distrusts(ids(1)), lists.touches(ids(1))) == (True, True)
    assert (everything.distrusts(ids(1)), everything.touches(ids(1))) == (False, True)
