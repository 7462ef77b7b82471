"""A batch of events as a binary COPY: numbers by columns, without a call per value."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, repeat
from struct import Struct

import numpy as np

from catalog.events.batch import Batch

# In the order in which `copy_bytes` writes them.
COLUMNS = (
    "event_id",
    "user_id",
    "item_id",
    "type_id",
    "value",
    "dwell_s",
    "occurred_at",
    "received_at",
    "surface",
    "request_id",
)
_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_FIELDS = len(COLUMNS).to_bytes(2, "big")
_POSTGRES_EPOCH_US = 946_684_800 * 1_000_000
_LENGTH, _DOUBLE = Struct(">i"), Struct(">id")
_NULL = _LENGTH.pack(-1)
_IDS = np.dtype([("1", ">i4"), ("user", ">i8"), ("2", ">i4"), ("item", ">i8"), ("3", ">i4"), ("type", ">i2")])
_TIMES = np.dtype([("1", ">i4"), ("occurred", ">i8"), ("2", ">i4"), ("received", ">i8")])


def copy_bytes(batch: Batch, received_at: datetime) -> bytes:
    """The rows with `COLUMNS`, as COPY … FROM STDIN (FORMAT BINARY) takes them."""
    events = batch.events
    surfaces = [event.surface for event in events]
    requests = [event.request_id for event in events]
    rows = zip(
        repeat(_FIELDS, len(batch)),
        *_texts(batch.event_ids),
        _ids(batch),
        [_NULL if event.value is None else _DOUBLE.pack(8, event.value) for event in events],
        [_NULL if event.dwell_s is None else _DOUBLE.pack(8, event.dwell_s) for event in events],
        _times(batch, received_at),
        # Many rows share a few of these.
        map({text: _text(text) for text in set(surfaces)}.__getitem__, surfaces),
        map({text: _text(text) for text in set(requests)}.__getitem__, requests),
        strict=True,
    )
    return b"".join([_HEADER, *chain.from_iterable(rows), _TRAILER])


def _texts(texts: list[str]) -> tuple[Iterator[bytes], list[bytes]]:
    """(what goes before each, each), without a call of ours per text."""
    encoded = list(map(str.encode, texts))
    sizes = list(map(len, encoded))
    before = {size: _LENGTH.pack(size) for size in set(sizes)}
    return map(before.__getitem__, sizes), encoded


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _ids(batch: Batch) -> list[bytes]:
    rows = np.empty(len(batch), _IDS)
    rows["1"], rows["2"], rows["3"] = 8, 8, 2
    rows["user"], rows["item"], rows["type"] = batch.user_ids, batch.item_ids, batch.type_ids
    return _each(rows)


def _times(batch: Batch, received_at: datetime) -> list[bytes]:
    rows = np.empty(len(batch), _TIMES)
    rows["1"] = rows["2"] = 8
    rows["occurred"] = batch.at_us - _POSTGRES_EPOCH_US
    rows["received"] = round(received_at.timestamp() * 1e6) - _POSTGRES_EPOCH_US
    return _each(rows)


def _each(rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> list[bytes]:
    packed, size = rows.tobytes(), rows.dtype.itemsize
    return [packed[at : at + size] for at in range(0, len(packed), size)]
