"""A catalogue whose facts fit into the process is read whole once, soon after the process has started: whoever asks
first for a rare item does not wait for it."""

import threading
import time

import numpy as np
import structlog

from retrieval import metrics
from retrieval.asking import ask
from retrieval.config import config
from retrieval.facts.keeping import MOST_OF_IT, current_facts
from retrieval.sql import sees_uncommitted
from retrieval.types import RetrievalError

log = structlog.get_logger(__name__)

# About what a process keeps of an item; see `retrieval.facts.table`.
_BYTES_PER_ITEM = 350
_AT_ONCE = 2_000
# Of the time; the rest is for those who ask.
_DUTY = 0.5
_ABOUT = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('catalog_item')"
_NEXT = """
SELECT coalesce(array_agg(id), '{}') FROM (SELECT id FROM catalog_item WHERE id > %s ORDER BY id LIMIT %s) AS next
"""


def preload_facts() -> None:
    """Begins, in a thread of its own, where the facts of all items fit into what may be kept. The process has to know
    up to when it was told of changes."""
    if not config().facts_preload or sees_uncommitted():
        return
    threading.Thread(target=_read_ahead, name="facts", daemon=True).start()


def _read_ahead() -> None:
    try:
        [(items,)] = ask(_ABOUT, [], None)
        if items * _BYTES_PER_ITEM <= MOST_OF_IT * config().facts_cache_mb * 1_000_000:
            read_all_facts()
    except RetrievalError as error:
        log.warning("facts were not read ahead", error=str(error))


def read_all_facts() -> None:
    """All items' facts into what this process keeps, with a pause after each few thousand as long as they took."""
    last = 0
    while True:
        began = time.perf_counter()
        [(ids,)] = ask(_NEXT, [last, _AT_ONCE], None)
        if not len(ids):
            return
        ids = np.sort(ids)
        current_facts(ids, None)
        last = int(ids[-1])
        metrics.FACTS_PRELOADED.inc(len(ids))
        time.sleep((time.perf_counter() - began) * (1 - _DUTY) / _DUTY)
