"""Versions that contradict each other: each puts the whole catalogue in one order, or in its reverse.

Twenty items, in order of their ids, and people who each like one item that is not among them. Under a forward version
every learned source proposes the twenty in that order, under a backward version from the last to the first. An answer
that took its users from one version and its items from another, or two sources from two versions, is in neither order.
"""

import datetime as dt

import numpy as np
from scipy.sparse import csr_array

from catalog.events import Event, record_events
from catalog.models import Item, User
from retrieval import artifacts
from retrieval.encoder import Pooling, UserEncoder
from retrieval.mixes import DEFAULT_BODY, create_revision, forget_cached_mixes, publish
from retrieval.models import ModelVersion
from retrieval.offline import related_table, vectors_table
from tests.worlds import NOW

N_ITEMS, N_USERS = 20, 12
DIM = 4


def opposites_world() -> list[str]:
    """The twenty items' external ids, in order. The mix asks only the two sources that a version feeds."""
    forget_cached_mixes()
    names = [f"i{place:02}" for place in range(N_ITEMS)]
    for name in ["liked by all", *names]:
        Item.objects.create(external_id=name, created_at=NOW, updated_at=NOW)
    now = dt.datetime.now(dt.UTC)
    for place in range(N_USERS):
        User.objects.create(external_id=f"u{place}", created_at=NOW)
        like = Event(
            f"e{place}", f"u{place}", "liked by all", "like", None, None, now - dt.timedelta(hours=1)
        )
        record_events([like], now=now)
    slots = [{"name": name, "quota": 1000, "limit_ms": 10_000} for name in ("collaborative", "co_engagement")]
    body = {**DEFAULT_BODY, "sources": slots, "merge": "reciprocal_rank", "fill": [], "caps": {}}
    publish(create_revision(body, note="Only what a version knows.").number)
    return names


def version(*, forward: bool) -> ModelVersion:
    """Ready to promote. Its user vectors point along its own axis, its items' vectors turn away from it in its order:
    under another version's user they would all be equally near."""
    made = ModelVersion.objects.create(
        state=ModelVersion.State.READY, dim=DIM, cutoff=NOW, report={"items_until": NOW.isoformat()}
    )
    liked, *ids = Item.objects.order_by("id").values_list("id", flat=True)
    places = np.arange(N_ITEMS) if forward else np.arange(N_ITEMS)[::-1]
    axis = 0 if forward else 2
    angles = np.append(np.pi / 2, (1 + places) / (N_ITEMS + 2) * np.pi / 2)
    vectors = np.zeros((1 + N_ITEMS, DIM), np.float32)
    vectors[:, axis], vectors[:, axis + 1] = np.cos(angles), np.sin(angles)
    vectors_table.create(made.vectors_table, DIM)
    vectors_table.copy_in(made.vectors_table, np.array([liked, *ids]), vectors, np.zeros_like(vectors))
    vectors_table.build_index(made.vectors_table)
    weights = np.zeros((1 + N_ITEMS, 1 + N_ITEMS), np.float32)
    weights[0, 1:] = N_ITEMS - places
    related_table.write(made.related_table, np.array([liked, *ids]), csr_array(weights))
    artifacts.save(made.id, artifacts.USER_ENCODER, _looking_along(axis).to_artifact())
    return made


def _looking_along(axis: int) -> UserEncoder:
    return UserEncoder(
        pooling=Pooling(),
        bias=np.eye(DIM, dtype=np.float32)[axis],
        profile_keys=np.empty(0, np.int64),
        profile_vectors=np.empty((0, DIM), np.float32),
        manifest={},
    )
