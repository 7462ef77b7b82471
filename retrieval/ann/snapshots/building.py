"""Reads a version's table and writes a snapshot of it to this machine's disk, beside the one that serves."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.ann import rows
from retrieval.ann.halfvec import from_sent
from retrieval.ann.index import Vectors
from retrieval.ann.snapshots import changes
from retrieval.ann.snapshots.layouts import Layout, empty_index, sample_size
from retrieval.ann.snapshots.library import faiss, use_threads
from retrieval.ann.snapshots.manifest import (
    FORMAT,
    INDEX_FILE,
    ITEMS_FILE,
    Manifest,
    described,
    folder_of,
    publish,
)
from retrieval.config import config
from retrieval.types import Ids, LiveModel, RetrievalError

_ROWS_PER_BATCH = 20_000
_FIRST = -(2**63)
_BATCH = (
    "SELECT coalesce(array_agg(item_id ORDER BY item_id), '{{}}'),"
    " coalesce(string_agg(halfvec_send(vector), '' ORDER BY item_id), '')"
    " FROM (SELECT item_id, vector FROM {table} WHERE item_id > %s ORDER BY item_id LIMIT %s) AS batch"
)
_COUNT = "SELECT count(*) FROM {table}"
_SAMPLE = (
    "SELECT count(*), coalesce(string_agg(halfvec_send(vector), ''), '')"
    " FROM {table} TABLESAMPLE BERNOULLI (%s) REPEATABLE (0)"
)


class BuildInProgress(RetrievalError):
    """Another process of this machine is building a snapshot."""


def build_snapshot(model: LiveModel, *, layout: Layout, threads: int) -> Manifest:
    """Builds one and makes it the machine's current one for the version. What changes meanwhile is found in Postgres.
    Raises BuildInProgress, IndexUnavailable."""
    began = time.perf_counter()
    table = model.vectors_table
    with _alone(), _new_folder(table) as folder:
        changes.log_changes(table)
        seen_before, origin = changes.now(table)
        use_threads(threads)
        item_ids, index = _read(model, layout)
        item_ids.tofile(folder / ITEMS_FILE)
        faiss().write_index(index, str(folder / INDEX_FILE))
        manifest = Manifest(
            format=FORMAT,
            table=table,
            version=model.version,
            dim=model.dim,
            layout=layout,
            rows=len(item_ids),
            seen_before=seen_before,
            origin=origin,
            built_at=time.time(),
            build_s=round(time.perf_counter() - began, 3),
            folder=folder.name,
            files={name: described(folder / name) for name in (INDEX_FILE, ITEMS_FILE)},
        )
        publish(manifest)
        _remove_all_but(table, _folders(table)[-2:])
    return manifest


def _read(model: LiveModel, layout: Layout) -> tuple[Ids, Any]:
    """(item ids, ascending; the index with their vectors in that order). By batches, each in a transaction of its own:
    one long one would keep Postgres from cleaning up."""
    table = model.vectors_table
    [(count,)] = rows.fetch_all(table, rows.quoted(_COUNT, table), (), None)
    index = empty_index(layout, model.dim, count)
    if wanted := sample_size(layout, count):
        index.train(_sample(table, wanted, count))
    ids: list[Ids] = [np.empty(0, np.int64)]
    last = _FIRST
    while True:
        [(batch, sent)] = rows.fetch_all(table, rows.quoted(_BATCH, table), (last, _ROWS_PER_BATCH), None)
        if not len(batch):
            return np.concatenate(ids), index
        index.add(from_sent(sent, len(batch)))
        ids.append(batch)
        last = int(batch[-1])


def _sample(table: str, wanted: int, count: int) -> Vectors:
    share = min(100.0, 100.0 * wanted / max(count, 1))
    [(n, sent)] = rows.fetch_all(table, rows.quoted(_SAMPLE, table), [share], None)
    return from_sent(sent, n)


@contextmanager
def _alone() -> Iterator[None]:
    """Of the processes on this machine: two builds at once would only take each other's memory."""
    folder = Path(config().vector_snapshots_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BuildInProgress("Another process of this machine is building a snapshot.") from error
        yield


@contextmanager
def _new_folder(table: str) -> Iterator[Path]:
    """Named by the moment, so that names sort by age; removed again where the build fails."""
    folder = folder_of(table) / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _folders(table: str) -> list[str]:
    """Names, the oldest first."""
    return sorted(path.name for path in folder_of(table).iterdir() if path.is_dir())


def _remove_all_but(table: str, kept: Sequence[str]) -> None:
    """A process that has one of them open goes on with it: its pages stay until it lets go."""
    for name in _folders(table):
        if name not in kept:
            shutil.rmtree(folder_of(table) / name, ignore_errors=True)
