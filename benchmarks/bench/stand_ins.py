"""What a world lacks and a source searches, for as long as sources are timed: of the right size, and of no use else.

Tables of factors, of a sequence model and of content vectors are views of the version's own vectors, so a search walks
the same index; the model that reads a sequence has not learned anything, which takes it as long. The graph is that of
the world's own events.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from django.db import connection
from scipy.sparse import csr_array

from catalog.sql import cursor
from retrieval import artifacts, factors, graph, sequence
from retrieval.factors import Factors
from retrieval.graph import Graph
from retrieval.models import Artifact, ContentVectorSet
from retrieval.sources.content_vectors import SET
from retrieval.towers.sequence import SequenceConfig
from retrieval.towers.sequence.network import SequenceNetwork
from retrieval.towers.sequence.training import exported
from retrieval.types import LiveModel

_ARTIFACTS = (factors.ARTIFACT, sequence.ARTIFACT, graph.ARTIFACT)
_EVENTS = "SELECT array_agg(user_id), array_agg(item_id) FROM catalog_interaction"
_ITEMS = "SELECT array_agg(id ORDER BY id) FROM catalog_item WHERE active"


@contextmanager
def completed(model: LiveModel) -> Iterator[LiveModel]:
    """The version with all that a source may ask of one."""
    content = ContentVectorSet.objects.create(name=SET, dim=model.dim, changed_at=dt.datetime.now(dt.UTC))
    views = [model.factors_table, model.sequence_table, content.table]
    try:
        for name, body in zip(_ARTIFACTS, _bodies(model.dim - 1), strict=True):
            artifacts.save(model.version, name, body)
        for view in views:
            _execute(f'CREATE VIEW "{view}" AS SELECT * FROM "{model.vectors_table}"')
        yield replace(model, factors_dim=model.dim, sequence_dim=model.dim, has_graph=True)
    finally:
        for view in views:
            _execute(f'DROP VIEW IF EXISTS "{view}"')
        Artifact.objects.filter(version_id=model.version, name__in=_ARTIFACTS).delete()
        content.delete()


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
