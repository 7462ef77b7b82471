"""The version's pages in memory before it serves: searches for those who were here last."""

import time
from typing import Any

import numpy as np

from retrieval import artifacts
from retrieval.ann.pgvector import PgVectorIndex
from retrieval.encoder import UserEncoder
from retrieval.models import ModelVersion
from retrieval.offline.arrays import read_snapshot
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import TRAINED
from retrieval.offline.user_vectors import encode_users
from retrieval.towers.data import without_repeats

_USERS = 500
_K = 400


def run(version_id: int) -> dict[str, Any]:
    """How many searches, and their median in milliseconds once warm."""
    version = ModelVersion.objects.get(id=version_id)
    folder = folder_of(version_id)
    data = without_repeats(read_snapshot(folder).data)
    encoder = UserEncoder.from_artifact(artifacts.load(version_id, artifacts.USER_ENCODER))
    last_seen_s = np.zeros(data.n_users, np.int64)
    np.maximum.at(last_seen_s, data.user_index, data.occurred_at_s)
    users = np.argsort(-last_seen_s, kind="stable")[:_USERS]
    history = ItemVectors.load(folder / TRAINED).history
    index = PgVectorIndex(version.vectors_table)
    spent_ms = []
    for query in encode_users(encoder, data, history, users, now_s=int(version.cutoff.timestamp())):
        started = time.perf_counter()
        index.search(query, _K, deadline=None)
        spent_ms.append((time.perf_counter() - started) * 1000)
    return {"searches": len(spent_ms), "median_ms": round(float(np.median(spent_ms)), 2)}
