"""Which snapshot a process searches: the machine's newest, opened beside the one before and put in its place."""

import threading
import time
from dataclasses import dataclass, field

import structlog
from django.db import connection

from retrieval import metrics
from retrieval.ann.index import IndexUnavailable
from retrieval.ann.snapshots.index import SnapshotIndex
from retrieval.ann.snapshots.manifest import SnapshotUnusable, current_path
from retrieval.deadline import Deadline
from retrieval.types import LiveModel, RetrievalError, SourceTimeout, StoreUnavailable

_LOOK_EVERY_S = 1.0
# Three tables each of the live version, of the one before, and of one that is measured.
_MOST = 9
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Served:
    """Of one version. index: None where there is none to use, because of `reason`; as_of: the version's
    `vectors_changed_at` for which it was brought up to date; opened_mark: of the file that named it."""

    index: SnapshotIndex | None = None
    reason: str = "absent"
    as_of: str = ""
    opened_mark: tuple[int, int] | None = None
    looked_at: float = float("-inf")
    opening: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


_served: dict[str, _Served] = {}
_lock = threading.Lock()


def served_snapshot(model: LiveModel, *, deadline: Deadline | None) -> SnapshotIndex | None:
    """What to search instead of Postgres; None where there is nothing to use now. Never waits for files: one that
    appeared is opened by a thread of its own, and until then what is there serves."""
    served = _of(model.vectors_table)
    if _appeared(served, model.vectors_table):
        threading.Thread(target=_open_beside, args=(served, model), name="open snapshot", daemon=True).start()
    if served.index is not None and served.as_of < model.vectors_changed_at:
        _bring_up_to_date(served, model, deadline)
    index = served.index
    if index is None:
        metrics.SNAPSHOT_UNUSED.labels(served.reason).inc()
    return index


def open_now(model: LiveModel) -> SnapshotIndex | None:
    """As `served_snapshot`, but waits for the newest to be opened: for commands, and before serving."""
    served = _of(model.vectors_table)
    if _appeared(served, model.vectors_table):
        _open(served, model)
    return served_snapshot(model, deadline=None)


def forget_snapshots() -> None:
    """As a process that has never opened any."""
    with _lock:
        _served.clear()


def _of(table: str) -> _Served:
    if (served := _served.get(table)) is not None:
        return served
    with _lock:
        served = _served.setdefault(table, _Served())
        for oldest in list(_served)[:-_MOST]:
            del _served[oldest]
        return served


def _appeared(served: _Served, table: str) -> bool:
    """Whether the caller is to open what is now the current one."""
    if time.monotonic() - served.looked_at < _LOOK_EVERY_S:
        return False
    served.looked_at = time.monotonic()
    try:
        facts = current_path(table).stat()
    except OSError:
        return False
    mark = (facts.st_mtime_ns, facts.st_ino)
    with served.lock:
        if served.opening or mark == served.opened_mark:
            return False
        served.opening, served.opened_mark = True, mark
        return True


def _open_beside(served: _Served, model: LiveModel) -> None:
    try:
        _open(served, model)
    finally:
        connection.close()  # where hot connections are Django's, this thread's is nobody else's


def _open(served: _Served, model: LiveModel) -> None:
    try:
        index = SnapshotIndex.current(model)
    except (RetrievalError, ImportError) as error:
        log.warning("snapshot_not_opened", table=model.vectors_table, error=str(error))
        if served.index is None:
            served.reason = "unusable"
        if not isinstance(error, SnapshotUnusable):
            served.opened_mark = None  # it was Postgres: the next look tries again
    else:
        with served.lock:
            served.index, served.as_of = index, model.vectors_changed_at
        log.info("snapshot_opened", table=model.vectors_table, rows=index.opened.manifest.rows)
    finally:
        served.opening = False


def _bring_up_to_date(served: _Served, model: LiveModel, deadline: Deadline | None) -> None:
    """One thread does; meanwhile the others go on with what is there."""
    if not served.lock.acquire(blocking=False):
        return
    try:
        before = served.index
        if before is None or served.as_of >= model.vectors_changed_at:
            return
        served.index, served.as_of = before.brought_up_to_date(deadline), model.vectors_changed_at
    except (SnapshotUnusable, IndexUnavailable) as error:
        log.warning("snapshot_given_up", table=model.vectors_table, error=str(error))
        served.index, served.reason = None, "outdated"
    except (SourceTimeout, StoreUnavailable):
        pass  # the next request tries again; what is there is right but for the latest changes
    finally:
        served.lock.release()
