"""A model version over a world's vectors: a real one, with a user tower that pools histories, which went live."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psycopg
from django.db import connection
from scipy.sparse import csr_array

from benchmarks.bench.people import People
from benchmarks.bench.stocking import Say
from benchmarks.bench.world import CATEGORIES, DIM, Items, Rows, Shelf, Vectors
from retrieval import artifacts, versions
from retrieval.config import config
from retrieval.encoder import ItemEncoder, Pooling, UserEncoder, token_key, unit
from retrieval.models import ModelVersion
from retrieval.offline import related_table, vectors_table
from retrieval.offline.pipeline import STEPS

_ROWS_AT_ONCE = 50_000
_NEIGHBORS = 100
_EVERY_S = 2.0
_PROGRESS = """
SELECT greatest(blocks_done::float8 / nullif(blocks_total, 0), tuples_done::float8 / nullif(tuples_total, 0))
FROM pg_stat_progress_create_index LIMIT 1
"""


def make_version(items: Items, people: People, now: dt.datetime, say: Say) -> None:
    version = ModelVersion.objects.create(
        cutoff=now,
        dim=DIM,
        state=ModelVersion.State.READY,
        done_steps=[*STEPS],
        config={"made_by": "benchmarks"},
    )
    artifacts.save(version.id, artifacts.USER_ENCODER, user_tower(items.vectors).to_artifact())
    artifacts.save(version.id, artifacts.ITEM_ENCODER, item_tower(items).to_artifact())
    ids = np.arange(1, len(items) + 1)
    vectors_table.create(version.vectors_table, DIM)
    for start in range(0, len(items), _ROWS_AT_ONCE):
        say("vectors", start / len(items))
        part = slice(start, start + _ROWS_AT_ONCE)
        vectors_table.copy_in(version.vectors_table, ids[part], items.vectors[part], items.vectors[part])
    with index_progress(say):
        vectors_table.build_index(version.vectors_table)
    say("related", 0.0)
    related_table.write(version.related_table, ids, _related(items, people))
    # What snapshots would have left; promoting looks there.
    Path(config().snapshots_dir).mkdir(parents=True, exist_ok=True)
    versions.promote(version.id)


def user_tower(vectors: Vectors) -> UserEncoder:
    return UserEncoder(
        pooling=Pooling(step_decay=0.97),
        bias=(0.05 * vectors[:100_000].mean(axis=0)).astype(np.float32),
        profile_keys=np.empty(0, np.int64),
        profile_vectors=np.empty((0, DIM), np.float32),
        manifest={"dim": DIM, "history_limit": 500},
    )


def item_tower(items: Items) -> ItemEncoder:
    """An item from its tags and its category: the mean of what has them."""
    tags, places = np.unique(items.tags, return_inverse=True)
    by_tag = np.zeros((len(tags), DIM), np.float32)
    for column in range(items.tags.shape[1]):
        np.add.at(by_tag, places.reshape(items.tags.shape)[:, column], items.vectors)
    by_category = np.zeros((CATEGORIES, DIM), np.float32)
    np.add.at(by_category, items.category, items.vectors)
    names = [f"tag:tag-{tag}" for tag in tags.tolist()]
    names += [f"category:category-{category}" for category in range(CATEGORIES)]
    keys = np.array([token_key(name) for name in names], np.int64)
    order = np.argsort(keys)
    vectors = unit(np.concatenate([by_tag, by_category]))[order]
    bias = np.zeros((2, DIM), np.float32)
    return ItemEncoder(keys[order], vectors, vectors, bias, {"dim": DIM})


def _related(items: Items, people: People) -> csr_array:
    """Of each item that somebody touched, the most similar of its cluster that somebody touched too, as co-likes would
    give them."""
    touched = np.unique(people.event_item)
    shelf = Shelf.of(items)
    is_touched = np.zeros(len(items), np.bool_)
    is_touched[touched] = True
    sizes = np.zeros(len(items), np.int64)
    columns: list[Rows] = []
    data: list[Vectors] = []
    rows: list[Rows] = []
    for first, end in zip(shelf.starts[:-1].tolist(), shelf.starts[1:].tolist(), strict=True):
        own = shelf.items[first:end]
        own = own[is_touched[own]]
        if len(own) < 2:
            continue
        alike = items.vectors[own] @ items.vectors[own].T
        np.fill_diagonal(alike, -1.0)
        most = min(_NEIGHBORS, len(own) - 1)
        best = np.argpartition(-alike, most - 1, axis=1)[:, :most]
        rows.append(own)
        sizes[own] = most
        columns.append(own[best].ravel())
        data.append((0.1 * np.take_along_axis(alike, best, axis=1)).astype(np.float32).ravel())
    own = np.concatenate(rows)
    row_of = np.repeat(own, sizes[own])
    shape = (len(items), len(items))
    return csr_array((np.concatenate(data), (row_of, np.concatenate(columns))), shape=shape)


@contextmanager
def index_progress(say: Say) -> Iterator[None]:
    """Tells while the block builds an index, by what Postgres says of it."""
    done = threading.Event()

    def watch() -> None:
        with psycopg.connect(config().database_url, autocommit=True) as watching:
            while not done.wait(_EVERY_S):
                row = watching.execute(_PROGRESS).fetchone()
                say("index", float(row[0] or 0.0) if row else 0.0)

    say("index", 0.0)
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        connection.ensure_connection()
