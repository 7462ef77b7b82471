"""The live index's recall, measured continuously: now and then a search is repeated exactly, beside the requests."""

import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, connection

from retrieval import metrics
from retrieval.ann.choosing import engine_of, index_of
from retrieval.ann.index import Vectors
from retrieval.ann.measuring import Truth
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.models import LiveRecall
from retrieval.types import Ids, LiveModel, RetrievalError, Scores

_PATIENCE_MS = 60_000
# An exact search of ten million rows takes seconds of Postgres: a process spends at most a twentieth of its time on it.
_REST = 20
_LAST = 100
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sample:
    """A search as it was answered; ms: how long it took."""

    model: LiveModel
    engine: str
    query: Vectors
    k: int
    ef_search: int
    found: Ids
    ms: float


def search_live(
    model: LiveModel, vector: Vectors, k: int, *, deadline: Deadline | None, ef_search: int
) -> tuple[Ids, Scores]:
    """As `VectorIndex.search` of the index that answers for the version now. `recall_share` of the searches are
    measured afterwards, by a thread of their own."""
    index = index_of(model, deadline=deadline)
    began = time.perf_counter()
    ids, scores = index.search(vector, k, deadline=deadline, ef_search=ef_search)
    share = config().recall_share
    if share and random.random() < share and (engine := engine_of(index)) != "exact":  # noqa: S311
        ms = (time.perf_counter() - began) * 1000
        _beside.offer(Sample(model, engine, vector, k, ef_search, ids, ms))
    return ids, scores


def compare(sample: Sample) -> None:
    """Repeats it exactly and keeps how much it had found. Raises RetrievalError, DatabaseError."""
    table, deadline = sample.model.vectors_table, Deadline.after_ms(_PATIENCE_MS)
    began = time.perf_counter()
    truth = Truth.of(table, sample.query, sample.k, deadline=deadline)
    exact_ms = (time.perf_counter() - began) * 1000
    hits = truth.hits(table, sample.query, sample.found, deadline=deadline)
    if not len(truth.ids):
        return
    LiveRecall.record(
        version_id=sample.model.version,
        engine=sample.engine,
        ef_search=sample.ef_search,
        hits=hits,
        expected=len(truth.ids),
        ms=sample.ms,
        exact_ms=exact_ms,
    )
    _export(sample.engine, hits, len(truth.ids))


_last: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_LAST))


def _export(engine: str, hits: int, expected: int) -> None:
    _last[engine].append(hits / expected)
    metrics.INDEX_RECALL.labels(engine).set(sum(_last[engine]) / len(_last[engine]))
    metrics.INDEX_RECALL_SAMPLES.labels(engine).inc()
    metrics.INDEX_RECALL_EXPECTED.labels(engine).inc(expected)
    metrics.INDEX_RECALL_FOUND.labels(engine).inc(hits)


class Beside:
    """One comparison at a time, and a rest after each; what is offered meanwhile is dropped."""

    def __init__(self, work: Callable[[Sample], None]) -> None:
        self._work = work
        self._busy = threading.Lock()
        self._rests_until = float("-inf")

    def offer(self, sample: Sample) -> threading.Thread | None:
        """The thread that compares it; None where it is dropped. Never waits."""
        if time.monotonic() < self._rests_until or not self._busy.acquire(blocking=False):
            return None
        thread = threading.Thread(target=self._run, args=(sample,), name="recall sample", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads: the request is answered all the same
            self._busy.release()
            return None
        return thread

    def _run(self, sample: Sample) -> None:
        began = time.monotonic()
        try:
            self._work(sample)
        except (RetrievalError, DatabaseError) as error:
            log.warning("recall_not_measured", engine=sample.engine, error=str(error))
        finally:
            self._rests_until = time.monotonic() + _REST * (time.monotonic() - began)
            self._busy.release()
            connection.close()  # this thread's


_beside = Beside(compare)
