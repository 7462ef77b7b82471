"""numpy arrays to and from Postgres arrays in its binary format: no Python object per number.

int64 is bigint[], float32 real[], float64 double precision[]. The server casts real[] to vector and halfvec.
"""

from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import AdaptContext, Buffer, DumperKey, PyFormat
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

# numpy type → oid of the array, oid of its element, the element on the wire (big-endian, after its length).
_TYPES: dict[type[np.generic], tuple[int, int, str]] = {
    np.int64: (1016, 20, ">i8"),
    np.float32: (1021, 700, ">f4"),
    np.float64: (1022, 701, ">f8"),
}
_HEADER = np.dtype([("ndim", ">i4"), ("nulls", ">i4"), ("oid", ">u4"), ("n", ">i4"), ("lower_bound", ">i4")])


class ArrayDumper(Dumper):
    """Dumps one-dimensional arrays; chosen by dtype on each use. Raises DataError for any other array."""

    format = Format.BINARY

    def get_key(self, obj: NDArray[Any], format: PyFormat) -> DumperKey:  # noqa: A002  psycopg's name
        return (np.ndarray, obj.dtype.type)

    def upgrade(self, obj: NDArray[Any], format: PyFormat) -> Dumper:  # noqa: A002
        kind = obj.dtype.type
        if kind not in _TYPES:
            raise psycopg.DataError(f"No Postgres array for {obj.dtype}: convert to one of {list(_TYPES)}.")
        dumper = ArrayDumper(np.ndarray, None)
        dumper.oid = _TYPES[kind][0]
        return dumper

    def dump(self, obj: NDArray[Any]) -> Buffer:
        if obj.ndim != 1:
            raise psycopg.DataError(f"Only one-dimensional arrays are sent; this one is {obj.shape}.")
        _, element_oid, wire = _TYPES[obj.dtype.type]
        if not len(obj):
            return np.array([0, 0, element_oid], ">i4").tobytes()
        header = np.array([(1, 0, element_oid, len(obj), 1)], _HEADER)
        body = np.empty(len(obj), [("length", ">i4"), ("value", wire)])
        body["length"] = obj.dtype.itemsize
        body["value"] = obj
        return header.tobytes() + body.tobytes()


def _loader(kind: type[np.generic]) -> type[Loader]:
    _, _, wire = _TYPES[kind]
    element = np.dtype([("length", ">i4"), ("value", wire)])

    class ArrayLoader(Loader):
        format = Format.BINARY

        def load(self, data: Buffer) -> NDArray[Any]:
            if len(data) <= 12:  # no dimension: the empty array
                return np.empty(0, kind)
            # astype copies: the buffer is gone once this returns.
            return np.frombuffer(data, element, offset=_HEADER.itemsize)["value"].astype(kind)

    return ArrayLoader


# Made once: a class costs more to make than an array to load.
_LOADERS = {oid: _loader(kind) for kind, (oid, _, _) in _TYPES.items()}


def load_bigints(data: Buffer) -> NDArray[np.int64]:
    """bigint[] as it comes over the wire."""
    loaded: NDArray[np.int64] = _LOADERS[1016](1016, None).load(data)
    return loaded


def register_array_dumper(context: AdaptContext) -> None:
    context.adapters.register_dumper(np.ndarray, ArrayDumper)


def register_array_loaders(context: AdaptContext) -> None:
    """The three kinds come back as numpy arrays (one-dimensional, without NULLs) instead of lists."""
    for oid, loader in _LOADERS.items():
        context.adapters.register_loader(oid, loader)
