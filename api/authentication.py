"""Who calls: `Authorization: Api-Key …`, checked against Postgres at most once a second per key and process.

A process that starts while Postgres is away believes what others have left on disk, until it can ask.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from api.config import config
from api.keys.last_known import LeftKey, left_key
from api.keys.using import note_use
from api.models import ApiKey
from catalog.kept import look_after

_SCHEME = "Api-Key"
_KEPT_KEYS = 4096
# Others are confirmed when they are used again.
_IN_USE_S = 60.0


@dataclass(frozen=True, slots=True)
class Client:
    """A verified key's owner; stands where Django would have a user."""

    prefix: str
    name: str
    scopes: frozenset[str]
    expires_at: datetime | None

    is_authenticated = True

    @property
    def pk(self) -> str:
        return self.prefix


def client_of(request: Request) -> Client:
    """Whose key the request carries. Raises NotAuthenticated where it carries none."""
    if not isinstance(request.auth, Client):
        raise NotAuthenticated
    return request.auth


@dataclass(slots=True)
class _Known:
    """What Postgres said of a key: whose it is, and the hash that it matched. Times are of time.monotonic();
    good_until_s is Unix time, of what was only left on disk."""

    client: Client
    hashed_key: str
    asked_at: float
    used_at: float
    good_until_s: float = math.inf


class VerifiedKeys:
    """Keys that Postgres has confirmed: believed for `ttl_s`, and after that only while Postgres is away, when
    nobody could have revoked one either. Those in use are confirmed anew beside the requests.

    left: what was left on disk of a key; asked only while Postgres is away, and only before it has answered once.
    """

    def __init__(self, ttl_s: float, left: Callable[[str], LeftKey | None] = left_key) -> None:
        self._ttl_s, self._left = ttl_s, left
        self._has_asked = False  # Postgres, and got an answer
        self._known: dict[str, _Known] = {}
        self._changing = threading.Lock()
        self._asking = threading.Lock()
        look_after(self)

    def client(self, key: str) -> Client | None:
        """None for a key that is empty, unknown, wrong, revoked or expired."""
        if not key:
            return None
        now = time.monotonic()
        known = self._known.get(key)
        if known is None or known.good_until_s < time.time():
            client = self._look_up(key)
        else:
            known.used_at = now
            client = known.client if now - known.asked_at < self._ttl_s else self._confirmed(key, known)
        if client is None or (client.expires_at is not None and client.expires_at <= timezone.now()):
            return None
        return client

    def refresh(self) -> None:
        if not self._asking.acquire(blocking=False):
            return
        try:
            used_since = time.monotonic() - _IN_USE_S
            used = {key: known for key, known in list(self._known.items()) if known.used_at > used_since}
            if used:
                self._confirm(used)
        finally:
            self._asking.release()

    def begin_anew(self) -> None:
        self._changing, self._asking = threading.Lock(), threading.Lock()

    def _confirmed(self, key: str, known: _Known) -> Client | None:
        # A key that worked waits for nobody who asks a Postgres that may hang.
        if not self._asking.acquire(blocking=False):
            return known.client
        try:
            return self._look_up(key)
        except (OperationalError, InterfaceError):
            known.asked_at = time.monotonic()
            return known.client
        finally:
            self._asking.release()

    def _look_up(self, key: str) -> Client | None:
        try:
            stored = _stored(key)
        except (OperationalError, InterfaceError):
            left = None if self._has_asked else self._left(key)
            if left is None:
                raise
            client = Client(left.prefix, left.name, left.scopes, left.expires_at)
            self._keep(key, client, left.hashed_key, good_until_s=left.good_until_s)
            return client
        self._has_asked = True
        if stored is None:
            self._forget(key)
            return None
        client = _client_of_row(stored)
        self._keep(key, client, stored.hashed_key)
        note_use(stored, timezone.now())
        return client

    def _keep(self, key: str, client: Client, hashed_key: str, *, good_until_s: float = math.inf) -> None:
        now = time.monotonic()
        with self._changing:
            while len(self._known) >= _KEPT_KEYS and key not in self._known:
                del self._known[next(iter(self._known))]
            self._known[key] = _Known(client, hashed_key, now, now, good_until_s)

    def _confirm(self, used: Mapping[str, _Known]) -> None:
        """All of them in one statement."""
        try:
            prefixes = {known.client.prefix for known in used.values()}
            rows = ApiKey.objects.filter(prefix__in=prefixes, revoked=False)
            stored = {row.hashed_key: row for row in rows}
            self._has_asked = True
        except (OperationalError, InterfaceError):
            stored = None
        now = time.monotonic()
        for key, known in used.items():
            row = stored.get(known.hashed_key) if stored is not None else None
            if row is not None:
                known.client, known.good_until_s = _client_of_row(row), math.inf
                note_use(row, timezone.now())
            if row is not None or stored is None:
                known.asked_at = now
            else:
                self._forget(key)

    def _forget(self, key: str) -> None:
        with self._changing:
            self._known.pop(key, None)


def _stored(key: str) -> ApiKey | None:
    try:
        return cast(ApiKey, ApiKey.objects.get_from_key(key))
    except ApiKey.DoesNotExist:
        return None


def _client_of_row(stored: ApiKey) -> Client:
    return Client(stored.prefix, stored.name, frozenset(stored.scopes), stored.expiry_date)


@cache
def verified_keys() -> VerifiedKeys:
    return VerifiedKeys(config().key_cache_ttl_s)


def key_of(meta: Mapping[str, Any]) -> str:
    """The key in a request's META; "" where there is none that could open."""
    scheme, _, key = meta.get("HTTP_AUTHORIZATION", "").partition(" ")
    key = key.strip()
    # A key is ASCII: anything else would only be an error of the driver's.
    return key if scheme.lower() == _SCHEME.lower() and key.isascii() and key.isprintable() else ""


class KeyAuthentication(BaseAuthentication):
    """Raises AuthenticationFailed (401) for a key that doesn't open; no header at all is left to the
    permission."""

    def authenticate(self, request: Request) -> tuple[Client, Client] | None:
        scheme = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[0]
        if scheme.lower() != _SCHEME.lower():
            return None
        client = verified_keys().client(key_of(request.META))
        if client is None:
            raise AuthenticationFailed("This API key is unknown, revoked or expired.")
        return client, client

    def authenticate_header(self, request: Request) -> str:
        return _SCHEME
