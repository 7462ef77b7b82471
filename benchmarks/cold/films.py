"""New items: a tenth of the catalogue held out from training, and how well their real audience is found.

For each held-out item all users are ranked by how likely they like it; its audience is who liked it. `recall@100` is
the share of the audience among the first hundred users, a mean over items. By chance it is 100 ÷ users.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from benchmarks.cold.people import worth
from benchmarks.datasets import DataSet
from benchmarks.item_traits import traits
from benchmarks.protocols import all_events, rows_of
from catalog.models import Item
from catalog.sql import cursor
from retrieval.models import ModelVersion
from retrieval.service import open_request
from retrieval.sources.collaborative import user_vector
from retrieval.types import Request

HELD_OUT_SHARE = 0.1
K = 100
_TEMPERATURE = 0.1  # of the towers' softmax
Floats = NDArray[np.float64]


def without_films(data: DataSet) -> tuple[DataSet, NDArray[np.int64], NDArray[np.bool_]]:
    """(the data set without any event of a tenth of its items; those items; bool [n_users, items]: who liked each)."""
    events = all_events(data)
    liked = worth(events, np.arange(len(events)))
    counts = np.bincount(events.item_index[liked], minlength=data.shape[1])
    some = np.flatnonzero(counts)
    held = np.sort(np.random.default_rng(0).choice(some, round(len(some) * HELD_OUT_SHARE), replace=False))
    audience = np.zeros((data.shape[0], len(held)), np.bool_)
    of_held = liked & np.isin(events.item_index, held)
    audience[events.user_index[of_held], np.searchsorted(held, events.item_index[of_held])] = True
    rest = rows_of(events, ~np.isin(events.item_index, held))
    return replace(data, train=rest, protocol="cold"), held, audience


def audience_recall(scores: Floats, audience: NDArray[np.bool_]) -> Floats:
    """float64 [items]: the share of each item's audience among the K users with the largest scores [n_users, items]."""
    first = np.argsort(-scores, axis=0, kind="stable")[:K]
    found = np.take_along_axis(audience, first, axis=0).sum(axis=0)
    return np.asarray(found / audience.sum(axis=0), np.float64)


def by_towers(data: DataSet, version: ModelVersion, held: NDArray[np.int64]) -> Floats:
    """log of the expected likes: how much the user likes at all × the towers' probability that it is this item, which
    they place by its content alone."""
    ids = dict(Item.objects.values_list("external_id", "id"))
    item_ids, vectors = _vectors(version)
    users = np.stack([_user_vector(str(user), data) for user in data.user_ids.tolist()])
    logits = users @ vectors.T / _TEMPERATURE
    chances = logits - np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    chances -= logits.max(axis=1, keepdims=True)
    places = np.searchsorted(item_ids, [ids[str(data.item_ids[item])] for item in held])
    return np.asarray(chances[:, places] + _activity(data)[:, None], np.float64)


def by_content(data: DataSet, held: NDArray[np.int64]) -> Floats:
    """The same with what a content-only system has: the cosine of the item's tags with those of what the user liked."""
    tags = traits(data)
    profiles = np.asarray((data.liked @ tags).toarray(), np.float64)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True) + 1e-12
    cosines = profiles @ tags[held].toarray().T
    return np.asarray(np.log(cosines + 0.01) + _activity(data)[:, None], np.float64)


def by_activity(data: DataSet, held: NDArray[np.int64]) -> Floats:
    """Who likes most things likes this one too."""
    return np.repeat(_activity(data)[:, None], len(held), axis=1)


BASELINES: dict[str, Callable[[DataSet, NDArray[np.int64]], Floats]] = {
    "item-new-content-only": by_content,
    "item-new-activity": by_activity,
}


def _activity(data: DataSet) -> Floats:
    return np.asarray(np.log1p(np.asarray(data.liked.sum(axis=1)).ravel()), np.float64)


def _user_vector(user: str, data: DataSet) -> NDArray[np.float32]:
    _, context = open_request(Request(user=user, k=K, now=data.cutoff))
    assert context.model is not None
    return user_vector(replace(context, deadline=context.deadline.at_least(10_000)), context.model)


def _vectors(version: ModelVersion) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """All items of the version, by id."""
    with cursor() as raw:
        query = sql.SQL("SELECT item_id, vector::real[] FROM {} ORDER BY item_id")
        rows = raw.execute(query.format(sql.Identifier(version.vectors_table))).fetchall()
    return np.array([row[0] for row in rows], np.int64), np.array([row[1] for row in rows], np.float32)
