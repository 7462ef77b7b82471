"""L3: candidates of the most active users, computed before they ask."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from retrieval import cache, keys
from retrieval.activity import most_active_share
from retrieval.config import config
from retrieval.pooling import computed
from retrieval.service import ask
from retrieval.stamps import jittered
from retrieval.types import Request
from retrieval.valkey import CacheUnavailable, client, key

log = structlog.get_logger(__name__)

K = 1000  # serves every smaller k
SURFACE = "default"
_DEADLINE_MS = 5_000  # nobody waits
_CHUNK = 200
_ROUND = "precompute:round"
_ROUND_KEPT_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Round:
    """One scheduled run: for how many users it was planned, for how many candidates were kept so far, and the seconds
    that took, of all workers together."""

    at: datetime
    planned: int
    kept: int
    spent_s: float


def most_active(now: datetime) -> list[str]:
    """External ids of the configured share of those who were active in the last 24 h, the most active first."""
    return most_active_share(now, share=config().precomputed_share)


def chunks(users: Sequence[str]) -> Iterator[list[str]]:
    """As many as one task computes."""
    for start in range(0, len(users), _CHUNK):
        yield list(users[start : start + _CHUNK])


def precompute(users: Sequence[str], *, now: datetime) -> int:
    """How many users' candidates are kept from now on. Ends early where the cache is away."""
    kept, began = 0, time.perf_counter()
    for user in users:
        try:
            kept += precompute_one(user, now=now)
        except CacheUnavailable as error:
            log.warning("candidates are not computed ahead", error=str(error))
            break
    with suppress(CacheUnavailable):
        client().hincrby(key(_ROUND), "kept", kept)
        client().hincrbyfloat(key(_ROUND), "spent_s", time.perf_counter() - began)
    return kept


def begin_round(users: Sequence[str], *, now: datetime) -> None:
    """Notes how many it is for; who they are is not kept."""
    with suppress(CacheUnavailable):
        facts: dict[str, str | float] = {
            "at": now.timestamp(),
            "planned": len(users),
            "kept": 0,
            "spent_s": 0,
        }
        with client().pipeline() as pipeline:
            pipeline.delete(key(_ROUND))
            pipeline.hset(key(_ROUND), mapping=facts)  # type: ignore[arg-type]  # stubs: invariant
            pipeline.expire(key(_ROUND), _ROUND_KEPT_S)
            pipeline.execute()


def last_round() -> Round | None:
    """The last one that began; None where none is known of. Raises CacheUnavailable."""
    facts = client().hgetall(key(_ROUND))
    if b"at" not in facts:
        return None
    return Round(
        at=datetime.fromtimestamp(float(facts[b"at"]), UTC),
        planned=int(facts[b"planned"]),
        kept=int(facts[b"kept"]),
        spent_s=float(facts[b"spent_s"]),
    )


def precompute_one(user: str, *, now: datetime) -> bool:
    """False where a source failed, as what is degraded isn't kept, and for who is gone. Raises CacheUnavailable."""
    asked = ask(Request(user=user, k=K, now=now, surface=SURFACE, deadline_ms=_DEADLINE_MS))
    if not asked.context.user_id:
        return False
    kept = computed(asked).kept
    if asked.progress.sources_failed:
        return False
    ttl_s = jittered(config().precomputed_ttl_s)
    stamp = replace(kept.stamp, expires_at_s=time.time() + ttl_s)
    model = asked.context.model.version if asked.context.model else 0
    name = keys.precomputed_key(user, mix=asked.mix.key, model=model, surface=SURFACE)
    cache.keep(name, replace(kept, stamp=stamp), ttl_s=ttl_s)
    return True
