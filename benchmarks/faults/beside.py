"""What can break only where the product searches by FAISS and a mix names the odd source."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command

from benchmarks.faults.breaking import Fault
from benchmarks.faults.odd.manners import Manner, behaving
from benchmarks.faults.odd.source import NAME
from benchmarks.faults.product import Product
from benchmarks.faults.wholeness import NOTHING_MORE, Also
from retrieval.ann.snapshots import read_current
from retrieval.ann.snapshots.manifest import INDEX_FILE, folder_of
from retrieval.mixes import create_revision, publish, shipped_body
from retrieval.versions import live_model

# The world's vectors would fit into the process, where nothing would ask FAISS.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "benchmarks.faults.settings",
    "VECTOR_ENGINE": "faiss",
    "VECTORS_CACHE_MB": "0",
}


def prepare() -> None:
    """Builds a snapshot of the live version, and publishes the default mix with the odd source."""
    call_command("snapshot_vectors", verbosity=0)
    odd = {"name": NAME, "quota": 50, "weight": 0.1, "limit_ms": 150}
    body = {**shipped_body(), "sources": [*shipped_body()["sources"], odd]}
    publish(create_revision(body, note="With the odd source.").number)


def source(manner: Manner) -> Fault:
    @contextmanager
    def fault(product: Product) -> Iterator[Also]:
        with behaving(product.var_dir, manner):
            yield Also(sources=frozenset({NAME}))

    return fault


def _snapshot() -> Path:
    """The folder of the live version's."""
    model = live_model()
    if model is None:
        raise RuntimeError("No version is live.")
    return folder_of(model.vectors_table)


@contextmanager
def snapshot_missing(_: Product) -> Iterator[Also]:
    """Its folder is gone. Who has it open goes on with it."""
    folder = _snapshot()
    away = folder.with_name(folder.name + ".away")
    folder.rename(away)
    try:
        yield NOTHING_MORE
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        away.rename(folder)


@contextmanager
def snapshot_damaged(_: Product) -> Iterator[Also]:
    """Another file of the same length stands in its place."""
    with _instead_of_the_index() as (path, size):
        path.write_bytes(b"\x5a" * size)
        yield NOTHING_MORE


@contextmanager
def snapshot_hung(_: Product) -> Iterator[Also]:
    """Reading it never ends, as on a file server that went away: a pipe that nobody writes to stands in its place."""
    with _instead_of_the_index() as (path, _size):
        os.mkfifo(path)
        try:
            yield NOTHING_MORE
        finally:
            # Who waits for a writer gets one, and then nothing.
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


@contextmanager
def _instead_of_the_index() -> Iterator[tuple[Path, int]]:
    """(where it was, its size in bytes); it comes back afterwards. Who has it open goes on with it."""
    folder = _snapshot()
    path = folder / read_current(folder.name).folder / INDEX_FILE
    away = path.with_suffix(".away")
    size = path.stat().st_size
    path.rename(away)
    try:
        yield path, size
    finally:
        away.replace(path)
