"""Keys by their hashes, left on disk for a web process that starts while Postgres is away: else it lets nobody in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import F

from api.config import config
from api.models import ApiKey
from catalog.config import config as catalog_config
from catalog.last_known import LastKnownFile, Left
from retrieval.asking import ask
from retrieval.deadline import Deadline

_VERSION = 1
_MOST_KEYS = 10_000  # those used last
_LOOKS_WITHIN_MS = 700
# One number of all that decides whom a key lets in; when it was last used doesn't.
_STATE = """
SELECT count(*), coalesce(bit_xor(hash_record_extended(ROW(prefix, hashed_key, name, scopes, expiry_date), 0)), 0)
FROM api_apikey WHERE NOT revoked
"""
State = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LeftKey:
    """A key that Postgres knew; good_until_s: Unix time after which nobody can vouch for it."""

    prefix: str
    hashed_key: str
    name: str
    scopes: frozenset[str]
    expires_at: datetime | None
    good_until_s: float


class Keys:
    """For `catalog.last_known.leave_behind`: all that open anything, without the keys themselves."""

    def __init__(self, file: LastKnownFile) -> None:
        self.file = file
        self._state: State | None = None

    def changed(self) -> bool:
        before = self._state
        [self._state] = ask(_STATE, [], Deadline.after_ms(_LOOKS_WITHIN_MS))
        return self._state != before

    def content(self) -> Sequence[Sequence[Any]]:
        usable = ApiKey.objects.filter(revoked=False).order_by(F("last_used_at").desc(nulls_last=True))
        rows = usable.values_list("prefix", "hashed_key", "name", "scopes", "expiry_date")[:_MOST_KEYS]
        return [(*row, expires_at and expires_at.timestamp()) for *row, expires_at in rows]


def keys_to_leave() -> Keys:
    """Of this installation."""
    return Keys(_file())


def left_key(key: str) -> LeftKey | None:
    """What was left of the key, expired or not; None where nothing was, or nothing to be believed."""
    return left_key_in(_file(), key)


def left_key_in(file: LastKnownFile, key: str) -> LeftKey | None:
    """As `left_key`, of that file."""
    left = file.read()
    if left is None:
        return None
    prefix = key.partition(".")[0]
    for row in left.content:
        if row[0] == prefix:
            found = _read(row, left, file.max_age_s)
            return found if ApiKey.objects.key_generator.verify(key, found.hashed_key) else None
    return None


def _read(row: Sequence[Any], left: Left, max_age_s: int) -> LeftKey:
    prefix, hashed_key, name, scopes, expires_at_s = row
    expires_at = None if expires_at_s is None else datetime.fromtimestamp(expires_at_s, UTC)
    return LeftKey(prefix, hashed_key, name, frozenset(scopes), expires_at, left.written_at_s + max_age_s)


@cache
def _file() -> LastKnownFile:
    folder = Path(catalog_config().last_known_dir)
    return LastKnownFile(folder, "keys", version=_VERSION, max_age_s=config().last_known_keys_s)
