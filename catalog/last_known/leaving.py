"""Writes what is known, beside the requests: one web process of a machine at a time, whoever holds the lock.

The lock is held as long as its process lives, so files are written in the order in which Postgres was read: nobody
overwrites what is newer, and what a process was about to write when it was stopped is not written by its successor.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import structlog
from django.db import connection

from catalog.last_known.file import LastKnownFile, make_folder

log = structlog.get_logger(__name__)
_LOOKS_EVERY_S = 0.5
# What changes all the time, such as what trends, is written so often; and so old does a quiet file look.
_WRITES_EVERY_S = 60.0


class Part(Protocol):
    """What one file holds."""

    @property
    def file(self) -> LastKnownFile: ...

    def changed(self) -> bool:
        """Whether `content` must be written at once: one small statement. Raises where Postgres is away."""

    def content(self) -> Any:
        """As stored this moment, of JSON's types or numpy's. Raises where Postgres is away."""


class Leaver:
    """clock: time.monotonic()."""

    def __init__(
        self, folder: Path, parts: Sequence[Part], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._clock = folder, clock
        self._writers = [_Writer(part, clock) for part in parts]
        self._lock: int | None = None

    def look(self) -> None:
        """Writes what is due, where this process is the one that writes. Never raises."""
        if self._leads():
            for writer in self._writers:
                writer.look()

    def close(self) -> None:
        """Another may write from now on."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _leads(self) -> bool:
        if self._lock is not None:
            return True
        try:
            make_folder(self._folder)
            number = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return False  # a disk that is full or read only; who starts later does without
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(number)
            return False
        self._lock = number
        return True


class _Writer:
    """What is due of one part."""

    def __init__(self, part: Part, clock: Callable[[], float]) -> None:
        self._part, self._clock = part, clock
        self._is_due, self._written_at = True, 0.0
        self._every_s = min(_WRITES_EVERY_S, part.file.max_age_s / 4)
        self._in_trouble = False

    def look(self) -> None:
        try:
            # Asked first, always: what changes while the content is read is written in the next round.
            self._is_due |= self._part.changed()
            if self._is_due or self._clock() - self._written_at > self._every_s:
                self._write()
            self._in_trouble = False
        except Exception as error:  # noqa: BLE001  whatever it is, requests go on
            if not self._in_trouble:
                log.warning("what is known is not left behind", file=self._part.file.name, error=str(error))
            self._in_trouble = True

    def _write(self) -> None:
        as_of_s = time.time()
        content = self._part.content()
        try:
            self._part.file.write(content, as_of_s=as_of_s)
        except OSError:
            # Better nothing than a key that was revoked since.
            self._part.file.remove()
            raise
        self._is_due, self._written_at = False, self._clock()


def leave_behind(parts: Sequence[Part]) -> None:
    """From now on a thread of this process writes them, whenever no other process of this machine does. What is
    switched off is removed."""
    wanted = [part for part in parts if part.file.max_age_s]
    for part in parts:
        if part not in wanted:
            _remove(part.file)
    if wanted:
        leaver = Leaver(wanted[0].file.folder, wanted)
        threading.Thread(target=_run, args=(leaver,), name="last-known", daemon=True).start()


def _remove(file: LastKnownFile) -> None:
    try:
        file.remove()
    except OSError as error:
        log.warning("what was last known is not removed", file=file.name, error=str(error))


def _run(leaver: Leaver) -> None:
    while True:
        leaver.look()
        connection.close()  # one that a writing has opened
        time.sleep(_LOOKS_EVERY_S)
