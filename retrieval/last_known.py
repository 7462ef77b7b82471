"""What an answer without Postgres needs, left on disk by processes that have read it: the floor with its items' facts,
the published mixes, the kinds of events. Nothing of any user."""

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from catalog.changes import CHANGES_SINCE, EVERYTHING
from catalog.config import config as catalog_config
from catalog.event_types import event_type_rows, take_event_types_as_known
from catalog.last_known import LastKnownFile
from retrieval import facts, trending
from retrieval.asking import ask
from retrieval.config import config
from retrieval.deadline import Deadline
from retrieval.facts import Record, read_records
from retrieval.mixes import InvalidMix, published_bodies, take_mixes_as_known
from retrieval.sets import among, ascending
from retrieval.types import CacheUnavailable, Found

FLOOR_LENGTH = 2000  # as much as a process keeps of what trends
_VERSION = 1  # of the content's form: the last release's is not read
_LOOKS_WITHIN_MS, _READS_WITHIN_MS = 700, 5_000
# What changed since the last look, and whether that can be told here.
_CHANGES = """
SELECT <changes since>, pg_is_in_recovery(),
       ARRAY(SELECT revision_id::bigint FROM retrieval_publishedmix ORDER BY surface)
""".replace("<changes since>", CHANGES_SINCE)
log = structlog.get_logger(__name__)
_told: dict[
    int, dict[float, bool]
] = {}  # by process id: of each file that was read, whether it could be used


class Floor:
    """For `catalog.last_known.leave_behind`."""

    def __init__(self, file: LastKnownFile) -> None:
        self.file = file
        self._seen: str | None = None
        self._item_ids = np.empty(0, np.int64)
        self._revisions: list[int] | None = None

    def changed(self) -> bool:
        """Whether facts of one of its items did, so that what was taken down is out of it at once, or what is
        published."""
        values = {"seen": self._seen}
        [(snapshot, unknown, ids, standby, revisions)] = ask(
            _CHANGES, values, Deadline.after_ms(_LOOKS_WITHIN_MS)
        )
        self._seen, before, self._revisions = snapshot, self._revisions, revisions.tolist()
        # On a standby nothing can be told, and it is written when its time has come.
        changed = unknown or EVERYTHING in ids or bool(among(self._item_ids, ascending(ids)).any())
        return self._revisions != before or (changed and not standby)

    def content(self) -> Mapping[str, Any]:
        with suppress(CacheUnavailable):
            trending.top(FLOOR_LENGTH)  # else the floor of a process that nobody asks would be of long ago
        floor = trending.floor(FLOOR_LENGTH)
        records = read_records(floor.item_ids, Deadline.after_ms(_READS_WITHIN_MS))
        self._item_ids = floor.item_ids
        pointers, bodies = published_bodies()
        return {
            "item_ids": floor.item_ids,
            "scores": floor.scores,
            "facts": [list(record) for record in records if record.active],
            "mixes": pointers,
            "bodies": list(bodies.items()),
            "event_types": event_type_rows(),
        }


def floor_to_leave() -> Floor:
    """Of this installation."""
    return Floor(_file())


def knows_the_floor() -> bool:
    """Whether this process knows facts of anything that trends."""
    return bool(facts.knows_facts(ascending(trending.floor(FLOOR_LENGTH).item_ids)).any())


def take_in() -> None:
    """What was left is known from now on, where this process knows nothing that it could answer with; for who finds
    Postgres away.

    Each part until that part is read: with the next context what the facts were goes. Never raises.
    """
    if knows_the_floor():
        return
    left = _file().read()
    told = _told.setdefault(os.getpid(), {})
    if left is None or told.get(left.written_at_s) is False:
        return
    try:
        _take_in(left.content)
    except (InvalidMix, KeyError, TypeError, ValueError) as error:
        log.warning("what was last known is of another release", error=str(error))
        told[left.written_at_s] = False
    else:
        if not told:
            log.warning("answering from what was left behind", written_at_s=round(left.written_at_s))
        told[left.written_at_s] = True


def forget_taken_in() -> None:
    """As a process that has never looked."""
    _told.clear()
    _file.cache_clear()


def _take_in(content: Mapping[str, Any]) -> None:
    scores = np.array(content["scores"], np.float32)
    floor = Found(np.array(content["item_ids"], np.int64), scores, np.zeros(len(scores), np.int64))
    records = [Record(*values) for values in content["facts"]]
    take_mixes_as_known(content["mixes"], {int(revision): body for revision, body in content["bodies"]})
    take_event_types_as_known(tuple(row) for row in content["event_types"])
    facts.take_facts_as_known(records)
    trending.take_floor_as_known(floor)


@cache
def _file() -> LastKnownFile:
    folder = Path(catalog_config().last_known_dir)
    return LastKnownFile(folder, "floor", version=_VERSION, max_age_s=config().last_known_s)
