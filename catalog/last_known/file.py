"""One signed file: whoever can write to the disk, but doesn't know SECRET_KEY, can't put words into our mouth."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog
from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

log = structlog.get_logger(__name__)
_BEGINS = b"headwater last known\n"
_MAC_LENGTH = 64  # of SHA-256, in hexadecimal
_MOST_BYTES = 64_000_000
# Clocks are set back by a little now and then.
_AHEAD_S = 60.0


@dataclass(frozen=True, slots=True)
class Left:
    """content: JSON's types; written_at_s: Unix time at which it was still true."""

    content: Any
    written_at_s: float


class LastKnownFile:
    """name: of the file, and of what it may be taken for; version: of its content's form; max_age_s: 0 for none at
    all; clock: Unix time. Readable by its owner alone."""

    def __init__(
        self, folder: Path, name: str, *, version: int, max_age_s: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.folder, self.name, self.max_age_s = folder, name, max_age_s
        self._version, self._clock = version, clock
        self._opened: tuple[tuple[int, ...], Left | None] | None = None
        self._said: set[str] = set()

    def write(self, content: Any, *, as_of_s: float) -> None:
        """In place of what was there, at once or not at all. Raises OSError."""
        body = orjson.dumps({"written_at_s": as_of_s, "content": content}, option=orjson.OPT_SERIALIZE_NUMPY)
        make_folder(self.folder)
        new = self.folder / f"{self.name}.new"
        number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(number, "wb") as stream:
            os.fchmod(number, 0o600)  # one of an earlier run may have been left with other rights
            stream.write(b"".join([_BEGINS, self._mac(body), b"\n", body]))
            stream.flush()
            # Else a power cut could bring back what was there before, a revoked key among it.
            os.fsync(number)
        new.replace(self._path)

    def read(self) -> Left | None:
        """None where there is none, or none to be believed: the log says once what is wrong. Never raises."""
        if not self.max_age_s:
            return None
        try:
            left = self._stored()
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say("can't be read", error=str(error))
            return None
        if left is None:
            self._say("is not ours, or damaged")
            return None
        age_s = self._clock() - left.written_at_s
        if -_AHEAD_S <= age_s <= self.max_age_s:
            return left
        self._say("is too old", age_s=round(age_s), max_age_s=self.max_age_s)
        return None

    def remove(self) -> None:
        """Does nothing where there is none. Raises OSError."""
        self._path.unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return self.folder / self.name

    def _stored(self) -> Left | None:
        """Raises OSError."""
        number = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW)
        with open(number, "rb") as stream:
            status = os.fstat(number)
            # The same file was looked into before: a client that guesses keys costs no more than a look at its name.
            same = (status.st_ino, status.st_mtime_ns, status.st_size)
            if self._opened is None or self._opened[0] != same:
                self._opened = same, self._left_in(stream.read(_MOST_BYTES))
            return self._opened[1]

    def _left_in(self, data: bytes) -> Left | None:
        begins, mac, body = _parts(data)
        if begins != _BEGINS or not constant_time_compare(mac, self._mac(body)):
            return None
        try:
            said = orjson.loads(body)
            return Left(said["content"], float(said["written_at_s"]))
        except (ValueError, KeyError, TypeError):
            return None

    def _mac(self, body: bytes) -> bytes:
        """By a key of its own, derived of SECRET_KEY; of another database, file or form it is another."""
        of = connection.settings_dict
        database = f"{of['NAME']}@{of['HOST']}:{of['PORT']}"
        salt = f"headwater.last_known.{self.name}.{self._version}.{database}"
        return salted_hmac(salt, body, algorithm="sha256").hexdigest().encode()

    def _say(self, what: str, **more: Any) -> None:
        if what not in self._said:
            self._said.add(what)
            log.warning(f"what was last known {what}", file=self.name, **more)


def make_folder(folder: Path) -> None:
    """For its owner alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    head, end = len(_BEGINS), len(_BEGINS) + _MAC_LENGTH
    return data[:head], data[head:end], data[end + 1 :]
