"""A version's trained files: kept in Postgres, so that any process on any machine can fetch them."""

import hashlib
import threading

from cachetools import LRUCache

from retrieval.models import Artifact
from retrieval.types import RetrievalError

USER_ENCODER, ITEM_ENCODER = "user", "item"  # what every trained version has

_CACHE_BYTES = 256 * 1024 * 1024
_loaded: LRUCache[tuple[int, str], bytes] = LRUCache(_CACHE_BYTES, getsizeof=len)
_loaded_lock = threading.Lock()


class ArtifactMissing(RetrievalError):
    """The version has no such file."""


class ArtifactDamaged(RetrievalError):
    """The bytes are not those that were saved."""


def save(version_id: int, name: str, body: bytes) -> str:
    """Keeps the file under the version, in place of an earlier one of that name; its sha256."""
    digest = hashlib.sha256(body).hexdigest()
    Artifact.objects.update_or_create(
        version_id=version_id, name=name, defaults={"sha256": digest, "body": body}
    )
    with _loaded_lock:
        _loaded.pop((version_id, name), None)
    return digest


def load(version_id: int, name: str) -> bytes:
    """The file's bytes, from this process's memory after the first call.

    Raises ArtifactMissing, and ArtifactDamaged where the checksum disagrees.
    """
    key = (version_id, name)
    with _loaded_lock:
        if key in _loaded:
            return _loaded[key]
    body = read(version_id, name)
    if len(body) <= _CACHE_BYTES:
        with _loaded_lock:
            _loaded[key] = body
    return body


def read(version_id: int, name: str) -> bytes:
    """The file's bytes from Postgres, for whoever keeps what it makes of them. Raises as `load`."""
    row = Artifact.objects.filter(version_id=version_id, name=name).values_list("body", "sha256").first()
    if row is None:
        raise ArtifactMissing(f"Version {version_id} has no {name!r}: was it trained to the end?")
    body = bytes(row[0])
    if hashlib.sha256(body).hexdigest() != row[1]:
        raise ArtifactDamaged(
            f"{name!r} of version {version_id} is damaged: train or promote another version."
        )
    return body
