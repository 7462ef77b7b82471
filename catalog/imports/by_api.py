"""What comes by the API in lists, as imports: one run for all that a key sends of a kind with no long pause in between.

A script that sends a million items in a hundred lists is one import, and a client that sends events all day is one a
day. What is recorded is added up in the process and stored beside the requests, a moment later.
"""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from django.db import transaction

from catalog.background import Beside
from catalog.imports.recording import REFUSED_KEPT, Refused, first_problem, keep_refused
from catalog.models import ImportRun
from catalog.sql import cursor

PAUSE = timedelta(minutes=10)
_GATHERS_S = 1.0
_LOCKS = 4878  # keeps our locks apart from other users of advisory locks in this database
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent what, and on which day: a run ends with the day (UTC) at the latest."""

    kind: str
    key_prefix: str
    day: datetime


@dataclass(slots=True)
class Sent:
    key_name: str
    began_at: datetime
    ended_at: datetime
    rows: int = 0
    refused: Refused = field(default_factory=Refused)

    def extend(self, later: "Sent") -> None:
        self.began_at, self.ended_at = min(self.began_at, later.began_at), max(self.ended_at, later.ended_at)
        self.rows += later.rows
        self.refused.extend(later.refused)


class Gathering:
    """The lists of this process since they were last stored; what can't be stored waits for the next list."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[Sender, Sent] = {}
        self._is_called = False
        self._beside: Beside[None] = Beside(self._after_a_moment, name="imports", drop=lambda _: None)

    def add(self, sender: Sender, sent: Sent, *, inline: bool) -> None:
        with self._lock:
            self._merge(sender, sent)
            is_first, self._is_called = not self._is_called, True
        if inline:
            self.store()
        elif is_first:
            self._beside.add(None)

    def store(self) -> None:
        """Never raises: the rows are in, whether or not it can be said."""
        with self._lock:
            taken, self._sent, self._is_called = self._sent, {}, False
        try:
            with transaction.atomic():
                # In an order that all processes keep, so that none waits for one that waits for it.
                for sender in sorted(taken, key=lambda one: (one.kind, one.key_prefix, one.day)):
                    _store(sender, taken[sender])
        except Exception as error:  # noqa: BLE001
            log.warning("imports are recorded later", error=str(error))
            with self._lock:
                for sender, sent in taken.items():
                    self._merge(sender, sent)

    def _merge(self, sender: Sender, sent: Sent) -> None:
        if (before := self._sent.get(sender)) is None:
            self._sent[sender] = sent
        else:
            before.extend(sent)

    def _after_a_moment(self, _: Sequence[None]) -> None:
        time.sleep(_GATHERS_S)
        self.store()


_gatherings: dict[int, Gathering] = {}  # by process id: threads don't survive a fork


def record_list(
    kind: str,
    rows: int,
    refused: Refused,
    *,
    key_prefix: str,
    key_name: str,
    at: datetime | None = None,
    inline: bool = False,
) -> None:
    """Of one list that was written. inline: before this returns, for tests that look at once."""
    at = at or datetime.now(UTC)
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    pid = os.getpid()
    gathering = _gatherings.get(pid) or _gatherings.setdefault(pid, Gathering())
    sent = Sent(key_name[:100], at, at, rows, refused)
    gathering.add(Sender(kind, key_prefix[:16], midnight), sent, inline=inline)


def _store(sender: Sender, sent: Sent) -> None:
    with cursor() as raw:
        # Else two processes would each begin a run.
        raw.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCKS, f"{sender.kind} {sender.key_prefix}")
        )
    found = ImportRun.objects.filter(
        door=ImportRun.Door.API,
        kind=sender.kind,
        key_prefix=sender.key_prefix,
        began_at__gte=sender.day,
        began_at__lt=sender.day + timedelta(days=1),
        ended_at__gte=sent.began_at - PAUSE,
    )
    run = found.order_by("-id").first() or ImportRun(
        door=ImportRun.Door.API,
        kind=sender.kind,
        key_prefix=sender.key_prefix,
        began_at=sent.began_at,
        ended_at=sent.ended_at,
        rows=0,
        refused=0,
    )
    room = max(0, REFUSED_KEPT - run.refused)
    run.key_name = sent.key_name
    run.ended_at = max(run.ended_at, sent.ended_at)
    run.rows += sent.rows
    run.refused += sent.refused.count
    run.first_problem = run.first_problem or first_problem(sent.refused, counted="index")
    run.save()
    keep_refused(run, sent.refused, room=room)
