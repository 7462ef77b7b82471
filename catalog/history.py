"""A user's recent events as one packed array: what the request path knows of a user."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

# Little-endian on purpose: the bytes outlive the machine that wrote them.
HISTORY_DTYPE = np.dtype(
    [
        ("item_id", "<i8"),
        ("occurred_at_s", "<i8"),  # Unix time
        ("type_id", "<i2"),
        ("value", "<f4"),  # NaN where the event had none
        ("dwell_s", "<f4"),  # NaN where the event had none
    ]
)
History = NDArray[np.void]


def empty_history() -> History:
    return np.empty(0, dtype=HISTORY_DTYPE)


def unpack_history(packed: bytes | memoryview | None) -> History:
    """HISTORY_DTYPE [n], oldest first; read-only. Raises ValueError for bytes of another length."""
    if not packed:
        return empty_history()
    return np.frombuffer(packed, dtype=HISTORY_DTYPE)


def merge_histories(history: History, added: History, *, limit: int) -> History:
    """Both as HISTORY_DTYPE [n], oldest first, the newest `limit` kept; late events land in their place."""
    both = np.concatenate([history, added])
    # Stable, so that events of the same second stay in the order they arrived.
    order = np.argsort(both["occurred_at_s"], kind="stable")
    return both[order][-limit:]


def merge_each(
    packed: Sequence[bytes], added: History, counts: NDArray[np.int64], *, limit: int
) -> list[bytes]:
    """`merge_histories` for many users at once, packed. added: `counts[i]` entries for the i-th, one after the other.

    Raises ValueError for bytes of another length.
    """
    stored = np.array([len(one) for one in packed], np.int64)
    lengths, rest = np.divmod(stored, HISTORY_DTYPE.itemsize)
    if rest.any():
        raise ValueError("The bytes of a history are cut off.")
    old, owners = unpack_history(b"".join(packed)), np.arange(len(packed))
    owner_of_added = np.repeat(owners, counts)
    order = np.lexsort((added["occurred_at_s"], owner_of_added))
    new = added[order]
    # Each new entry after the old ones of its time or before, found at once in one ascending row of all users' times.
    before = np.searchsorted(
        _in_a_row(np.repeat(owners, lengths), old), _in_a_row(owner_of_added, new), side="right"
    )
    both, is_new = np.empty(len(old) + len(new), HISTORY_DTYPE), np.zeros(len(old) + len(new), np.bool_)
    is_new[before + np.arange(len(new))] = True
    both[is_new], both[~is_new] = new, old
    merged = both.tobytes()
    totals = lengths + counts
    ends = np.cumsum(totals) * HISTORY_DTYPE.itemsize
    kept = np.minimum(totals, limit) * HISTORY_DTYPE.itemsize
    return [merged[end - size : end] for end, size in zip(ends.tolist(), kept.tolist(), strict=True)]


def _in_a_row(owners: NDArray[np.int64], history: History) -> NDArray[np.int64]:
    """Numbers that ascend by owner and, within one, by time."""
    numbers: NDArray[np.int64] = (owners << 40) + history["occurred_at_s"]
    return numbers


def extend_history(
    history: History, rows: Iterable[tuple[int, int, int, float, float]], *, limit: int
) -> History:
    """`merge_histories` for rows in the order of the dtype's fields."""
    return merge_histories(history, np.array(list(rows), dtype=HISTORY_DTYPE), limit=limit)
