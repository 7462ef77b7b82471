"""L1 and L3: a user's candidates before any filter, as somebody asked for them and as they were computed ahead."""

from dataclasses import dataclass
from typing import Literal

from catalog.changes import DISTRUSTED_SINCE
from retrieval import keys, metrics
from retrieval.afterwards import settled
from retrieval.cache.packing import Kept, pack, unpack
from retrieval.config import config
from retrieval.facts import distrusted_since, distrusts
from retrieval.newcomers import arrivals_mark
from retrieval.sql import hot_connection
from retrieval.stamps import UnreadableCache
from retrieval.types import Context, Request, SourceTimeout, StoreUnavailable
from retrieval.valkey import CacheUnavailable, client

Result = Literal["hit", "miss", "error"]
_LEVELS = ("L1", "L3")
# Nobody may be served what is unusable for one of these reasons, not even for a moment.
_UNUSABLE = {"user", "short", "invalidated"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one level had. reason: of a miss; "absent", "unreadable", "user" (another one under this id), "short",
    "invalidated", "history" (events since), "expired" or "early" (before it expires, see `Stamp.due_early`)."""

    level: str
    result: Result
    reason: str = ""
    age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What the levels had: the first fresh value, else the least stale one that may be shown, filtered."""

    key: str  # of L1
    trail: tuple[Seen, ...]
    level: str = ""
    kept: Kept | None = None
    fresh: bool = False


def cacheable(request: Request) -> bool:
    """A choice of sources, a session or a context of its own makes an answer that nobody else will ask for."""
    return request.use_cache and not (request.sources or request.attributes or request.session)


def look(request: Request, context: Context, *, mix: str) -> Looked:
    """Both levels in one round trip."""
    model = context.model.version if context.model else 0
    user, surface = context.external_id, context.surface
    key = keys.candidates_key(user, mix=mix, model=model, k=request.k, surface=surface)
    ahead = keys.precomputed_key(user, mix=mix, model=model, surface=surface)
    settled(key)
    try:
        values = client().at_once("MGET", key, ahead)
    except CacheUnavailable:
        for level in _LEVELS:
            metrics.CACHE.labels(level, "error").inc()
        return Looked(key, tuple(Seen(level, "error") for level in _LEVELS))
    trail: list[Seen] = []
    stale: tuple[str, Kept] | None = None
    for level, packed in zip(_LEVELS, values, strict=True):
        kept, seen = _judged(level, packed, request, context)
        trail.append(seen)
        if seen.result == "hit":
            return Looked(key, tuple(trail), level, kept, fresh=True)
        if kept is not None and (stale is None or _newer(kept, stale[1])):
            stale = (level, kept)
    return Looked(key, tuple(trail), *(stale or ("", None)))


def keep(key: str, kept: Kept, *, ttl_s: float) -> None:
    """For `ttl_s`, and a little longer for those who would otherwise wait. Raises CacheUnavailable."""
    client().at_once("SET", key, pack(kept), "PX", int((ttl_s + config().stale_s) * 1000))


def _judged(level: str, packed: object, request: Request, context: Context) -> tuple[Kept | None, Seen]:
    """(the value, where it may be shown at least for a moment; what to say of it)"""
    kept: Kept | None = None
    reason, age_s = "absent", 0.0
    if isinstance(packed, bytes):
        try:
            kept = unpack(packed)
            reason, age_s = _why_not(kept, request, context), kept.stamp.age_s()
        except UnreadableCache:
            reason = "unreadable"
    metrics.CACHE.labels(level, "miss" if reason else "hit").inc()
    if reason:
        metrics.CACHE_MISSES.labels(level, reason).inc()
    shown = None if reason in _UNUSABLE else kept
    return shown, Seen(level, "miss" if reason else "hit", reason, age_s)


def _why_not(kept: Kept, request: Request, context: Context) -> str:
    """Why the value is not fresh for this request; "" where it is."""
    stamp = kept.stamp
    if stamp.user_id != context.user_id:
        return "user"
    if keys.bucket_of(stamp.k) < request.k:
        return "short"
    if distrusted(kept, context):
        return "invalidated"
    if stamp.history_version != context.history_version:
        return "history"
    lacks_items = stamp.made_at_s < arrivals_mark()
    if lacks_items or stamp.expired():
        return "new items" if lacks_items else "expired"
    return "early" if request.refresh or stamp.due_early() else ""


def distrusted(kept: Kept, context: Context) -> bool:
    """Whether somebody asked since for lists with these items to be made anew."""
    if not kept.stamp.snapshot:
        return False
    known = distrusted_since(kept.stamp.snapshot, kept.pool.item_ids)
    return _distrusted_in_log(kept, context) if known is None else known


def _distrusted_in_log(kept: Kept, context: Context) -> bool:
    """As Postgres says: a process that has just started does not know what came before it."""
    try:
        with hot_connection(context.deadline) as connection:
            [(unknown, ids)] = connection.execute(
                f"SELECT {DISTRUSTED_SINCE}", {"seen": kept.stamp.snapshot}
            ).fetchall()
    except (SourceTimeout, StoreUnavailable):
        return True
    return unknown or distrusts(ids.tolist(), kept.pool.item_ids)


def _newer(kept: Kept, other: Kept) -> bool:
    return (kept.stamp.history_version, kept.stamp.made_at_s) > (
        other.stamp.history_version,
        other.stamp.made_at_s,
    )
