"""The floor of a cold answer: the collaborative source's own SQL, alone, for the users who are asked about as well."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from retrieval.ann import ExactIndex, PgVectorIndex, VectorIndex, Vectors
from retrieval.service import ask
from retrieval.sources.collaborative import user_vector
from retrieval.types import LiveModel, Request

_PATIENCE_MS = 60_000
SOURCE = "collaborative"


@dataclass(frozen=True, slots=True)
class Search:
    """What the source would search for a user: float32 [dim], how many, with which effort."""

    vector: Vectors
    k: int
    ef_search: int


def searches_of(users: Sequence[str], *, k: int, model: LiveModel) -> list[Search]:
    """Of those of the users for whom the mix asks the source."""
    found = []
    for user in users:
        request = Request(user=user, k=k, now=dt.datetime.now(dt.UTC), deadline_ms=_PATIENCE_MS)
        asked = ask(request)
        for call in asked.calls:
            if call.source.name == SOURCE and call.source.applies_to(asked.context):
                vector = user_vector(asked.context, model)
                found.append(Search(vector, call.k, int(str(call.options["ef_search"]))))
    return found


def milliseconds(searches: Sequence[Search], index: VectorIndex) -> list[float]:
    """How long each takes, one after the other."""
    took = []
    for search in searches:
        began = time.perf_counter()
        index.search(search.vector, search.k, deadline=None, ef_search=search.ef_search)
        took.append((time.perf_counter() - began) * 1000)
    return took


def recall_figure(case: str, metric: str, shares: NDArray[np.float64]) -> Figure:
    """Their mean: users differ by far, so it comes with its standard error."""
    n = len(shares)
    error = float(shares.std(ddof=1)) / n**0.5 if n > 1 else None
    return Figure("bench", case, metric, float(shares.mean()), "share", n, 1.0, error)


def recall_at(
    k: int, searches: Sequence[Search], model: LiveModel, *, index: VectorIndex | None = None
) -> NDArray[np.float64]:
    """[n], of each search the share of the k nearest items that the index finds with the mix's effort; Postgres's where
    none is named."""
    index, exact = index or PgVectorIndex(model.vectors_table), ExactIndex(model.vectors_table)
    shares: list[float] = []
    for search in searches:
        found, _ = index.search(search.vector, k, deadline=None, ef_search=search.ef_search)
        best: NDArray[np.int64] = exact.search(search.vector, k, deadline=None)[0]
        shares.append(len(np.intersect1d(found, best)) / max(len(best), 1))
    return np.array(shares)
