"""The version ready before it serves: its pages in memory, and in the cache the candidates of those who are likely to
ask first. A promotion changes every key of the cache; without this the busiest hour's users would all miss at once."""

import datetime as dt
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrieval import artifacts
from retrieval.activity import most_active
from retrieval.ann import PgVectorIndex, searched_by_snapshot
from retrieval.ann.snapshots import BuildInProgress, open_now, rebuild_if_due
from retrieval.config import config
from retrieval.context import read_ahead
from retrieval.deadline import Deadline
from retrieval.encoder import UserEncoder
from retrieval.mixes import InvalidMix, published_mix
from retrieval.models import ModelVersion
from retrieval.offline.arrays import read_snapshot
from retrieval.offline.item_vectors import ItemVectors
from retrieval.offline.snapshot import folder_of
from retrieval.offline.training import TRAINED
from retrieval.offline.user_vectors import encode_users
from retrieval.service import retrieve
from retrieval.towers.data import without_repeats
from retrieval.types import Request
from retrieval.versions import live_model, pinned

_USERS = 500
_K = 400
_USERS_AT_ONCE = 32
_PATIENCE_MS = 5_000
# What the API gives who does not say how many.
_CANDIDATES = 1000


def run(version_id: int) -> dict[str, Any]:
    """How many searches, and their median in milliseconds once warm; how many users' candidates were cached."""
    version = ModelVersion.objects.get(id=version_id)
    return {
        **_search(version),
        **_snapshot_vectors(version),
        **cache_candidates(version, dt.datetime.now(dt.UTC)),
    }


def _snapshot_vectors(version: ModelVersion) -> dict[str, Any]:
    """Of those that this machine will search in its processes from the first second on: how long they took to build."""
    with pinned(version):
        model = live_model()
    parts = searched_by_snapshot(model) if model else []
    try:
        built = [rebuild_if_due(part) for part in parts]
    except BuildInProgress:
        return {}  # the scheduled task does it, and until then Postgres is searched
    for part in parts:
        open_now(part)
    took_s = [one.build_s for one in built if one is not None]
    return {"vector_snapshot_s": round(sum(took_s), 3)} if took_s else {}


def cache_candidates(version: ModelVersion, now: dt.datetime) -> dict[str, int]:
    """Computes and caches, as requests under this version would, the candidates of the users who were most active in
    the 24 hours before `now`, until the time for it is over. `cached_users`: how many of `active_users`.

    This process serves the version meanwhile.
    """
    try:
        published_mix()
    except InvalidMix:
        # Nobody can be answered yet under any version.
        return {"active_users": 0, "cached_users": 0}
    users = most_active(now, at_most=config().warmed_users)
    over_at = time.monotonic() + config().warming_at_most_s
    cached = 0
    with pinned(version):
        for start in range(0, len(users), _USERS_AT_ONCE):
            if time.monotonic() >= over_at:
                break
            cached += _cache(users[start : start + _USERS_AT_ONCE], now)
    return {"active_users": len(users), "cached_users": cached}


def _cache(users: Sequence[str], now: dt.datetime) -> int:
    """How many were answered whole: what lacks a source's help is not kept."""
    with read_ahead(users, Deadline.after_ms(_PATIENCE_MS)):
        answers = [
            retrieve(Request(user=user, k=_CANDIDATES, now=now, deadline_ms=_PATIENCE_MS)) for user in users
        ]
    return sum(not answer.degraded for answer in answers)


def _search(version: ModelVersion) -> dict[str, Any]:
    """Searches for those who were here last, so that the index's pages are in memory."""
    folder = folder_of(version.id)
    data = without_repeats(read_snapshot(folder).data)
    encoder = UserEncoder.from_artifact(artifacts.load(version.id, artifacts.USER_ENCODER))
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
