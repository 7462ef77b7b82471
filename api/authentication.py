"""Who calls: `Authorization: Api-Key …`, checked against Postgres at most once a second per key and process."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from cachetools import LRUCache, TTLCache
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from api.config import config
from api.keys.using import note_use
from api.models import ApiKey

_SCHEME = "Api-Key"
_KEPT_KEYS = 4096
_ASK_AT_ONCE = 2


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


class VerifiedKeys:
    """Keys that Postgres has confirmed: believed for `ttl_s`, and after that only while Postgres is away, when
    nobody could have revoked one either."""

    def __init__(self, ttl_s: float) -> None:
        self._fresh: TTLCache[str, Client] = TTLCache(_KEPT_KEYS, ttl_s)
        self._last_known: LRUCache[str, Client] = LRUCache(_KEPT_KEYS)
        self._lock = threading.Lock()  # cachetools' reads reorder
        self._asking = threading.Semaphore(_ASK_AT_ONCE)

    def client(self, key: str) -> Client | None:
        """None for a key that is empty, unknown, wrong, revoked or expired."""
        if not key:
            return None
        with self._lock:
            client = self._fresh.get(key)
        if client is None:
            client = self._look_up(key)
        if client is None or (client.expires_at is not None and client.expires_at <= timezone.now()):
            return None
        return client

    def _look_up(self, key: str) -> Client | None:
        with self._lock:
            known = self._last_known.get(key)
        if known is None:
            client = _stored_client(key)
        # A key that worked waits for nobody who asks a Postgres that may hang.
        elif not self._asking.acquire(blocking=False):
            return known
        else:
            try:
                client = _stored_client(key)
            except (OperationalError, InterfaceError):
                client = known
            finally:
                self._asking.release()
        with self._lock:
            if client is None:
                self._last_known.pop(key, None)
            else:
                self._fresh[key] = self._last_known[key] = client
        return client


def _stored_client(key: str) -> Client | None:
    try:
        stored = cast(ApiKey, ApiKey.objects.get_from_key(key))
    except ApiKey.DoesNotExist:
        return None
    note_use(stored, timezone.now())
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
