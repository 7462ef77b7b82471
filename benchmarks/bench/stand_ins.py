"""What a world lacks and a source searches, for as long as it is served: of the right size, and of no use else.

Tables of factors, of a sequence model and of content vectors are views of the version's own vectors, so a search walks
the same index, or copies where processes keep them whole; the model that reads a sequence has not learned anything,
which takes it as long. The graph is that of the world's own events.
"""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from django.db import connection
from scipy.sparse import csr_array

from catalog.sql import cursor
from retrieval import artifacts, factors, graph, sequence
from retrieval.ann import fits
from retrieval.ann.pgvector import rows_about
from retrieval.ann.snapshots import changes, read_current
from retrieval.ann.snapshots.manifest import folder_of, publish
from retrieval.factors import Factors
from retrieval.graph import Graph
from retrieval.models import Artifact, ContentVectorSet, ModelVersion, remember
from retrieval.sources.content_vectors import SET
from retrieval.towers.sequence import SequenceConfig
from retrieval.towers.sequence.network import SequenceNetwork
from retrieval.towers.sequence.training import exported
from retrieval.types import LiveModel

_ARTIFACTS = (factors.ARTIFACT, sequence.ARTIFACT, graph.ARTIFACT)
_KEYS = ("factorizing", "sequencing")  # of the version's report
_EVENTS = "SELECT array_agg(user_id), array_agg(item_id) FROM catalog_interaction"
_ITEMS = "SELECT array_agg(id ORDER BY id) FROM catalog_item WHERE active"


@contextmanager
def completed(model: LiveModel) -> Iterator[LiveModel]:
    """The version with all that a source may ask of one; servers that start meanwhile serve it so."""
    _forget(model)
    content = ContentVectorSet.objects.create(name=SET, dim=model.dim, changed_at=dt.datetime.now(dt.UTC))
    try:
        for name, body in zip(_ARTIFACTS, _bodies(model.dim - 1), strict=True):
            artifacts.save(model.version, name, body)
        kept = fits(rows_about(model.vectors_table), model.dim)
        for table in (model.factors_table, model.sequence_table, content.table):
            _execute(
                f'CREATE {"TABLE" if kept else "VIEW"} "{table}" AS SELECT * FROM "{model.vectors_table}"'
            )
            if kept:
                _execute(f'ALTER TABLE "{table}" ADD PRIMARY KEY (item_id)')
                _execute(f'ANALYZE "{table}"')
        for key in _KEYS:
            remember(model.version, key, {"dim": model.dim})
        yield replace(model, factors_dim=model.dim, sequence_dim=model.dim, has_graph=True)
    finally:
        _forget(model)


@contextmanager
def snapshots_of_views(model: LiveModel) -> Iterator[None]:
    """The snapshot of the version's vectors as one of each of its views too; there is one already."""
    said = read_current(model.vectors_table)
    views = [part.vectors_table for part in model.searched()[1:]]
    for view in views:
        _execute(
            f'CREATE TABLE "{changes.changes_table(view)}" (item_id bigint PRIMARY KEY, xid xid8 NOT NULL)'
        )
        folder = folder_of(view) / said.folder
        shutil.rmtree(folder_of(view), ignore_errors=True)
        shutil.copytree(folder_of(model.vectors_table) / said.folder, folder, copy_function=os.link)
        seen_before, origin = changes.now(view)
        publish(replace(said, table=view, seen_before=seen_before, origin=origin))
    try:
        yield
    finally:
        for view in views:
            shutil.rmtree(folder_of(view), ignore_errors=True)
            _execute(f'DROP TABLE "{changes.changes_table(view)}"')


def _forget(model: LiveModel) -> None:
    """Also what a run that was interrupted has left."""
    sets = ContentVectorSet.objects.filter(name=SET)
    with connection.cursor() as plain:
        for table in [model.factors_table, model.sequence_table, *(one.table for one in sets)]:
            plain.execute("SELECT relkind FROM pg_class WHERE oid = to_regclass(%s)", [table])
            if row := plain.fetchone():
                plain.execute(f'DROP {"VIEW" if row[0] == "v" else "TABLE"} "{table}"')
            plain.execute(f'DROP TABLE IF EXISTS "{changes.changes_table(table)}"')
        versions = ModelVersion._meta.db_table
        plain.execute(
            f"UPDATE {versions} SET report = report - %s::text[] WHERE id = %s",
            [list(_KEYS), model.version],
        )
    Artifact.objects.filter(version_id=model.version, name__in=_ARTIFACTS).delete()
    sets.delete()


def _bodies(dim: int) -> Iterator[bytes]:
    yield Factors(np.eye(dim, dtype=np.float32), confidence=3.0).packed()
    torch.manual_seed(0)
    config = SequenceConfig(dim=dim, heads=1)
    yield exported(SequenceNetwork(1, config), config).packed()
    yield _graph().packed()


def _graph() -> Graph:
    with cursor() as raw:
        [(users, items)] = raw.execute(_EVENTS).fetchall()
        [(item_ids,)] = raw.execute(_ITEMS).fetchall()
    users, items, item_ids = (np.asarray(ids, np.int64) for ids in (users, items, item_ids))
    _, rows = np.unique(users, return_inverse=True)
    columns = np.searchsorted(item_ids, items)
    shape = (int(rows.max()) + 1, len(item_ids))
    liked = csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape)
    liked.sum_duplicates()
    return Graph.of(item_ids, liked)


def _execute(statement: str) -> None:
    with connection.cursor() as plain:
        plain.execute(statement)
