"""L3: candidates of the most active users, computed before they ask."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from retrieval import cache, keys
from retrieval.activity import most_active_share
from retrieval.config import config
from retrieval.pooling import computed
from retrieval.service import ask
from retrieval.stamps import jittered
from retrieval.types import Request
from retrieval.valkey import CacheUnavailable

log = structlog.get_logger(__name__)

K = 1000  # serves every smaller k
SURFACE = "default"
_DEADLINE_MS = 5_000  # nobody waits
_CHUNK = 200


def most_active(now: datetime) -> list[str]:
    """External ids of the configured share of those who were active in the last 24 h, the most active first."""
    return most_active_share(now, share=config().precomputed_share)


def chunks(users: Sequence[str]) -> Iterator[list[str]]:
    """As many as one task computes."""
    for start in range(0, len(users), _CHUNK):
        yield list(users[start : start + _CHUNK])


def precompute(users: Sequence[str], *, now: datetime) -> int:
    """How many users' candidates are kept from now on. Ends early where the cache is away."""
    kept = 0
    for user in users:
        try:
            kept += precompute_one(user, now=now)
        except CacheUnavailable as error:
            log.warning("candidates are not computed ahead", error=str(error))
            break
    return kept


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
    key = keys.precomputed_key(user, mix=asked.mix.key, model=model, surface=SURFACE)
    cache.keep(key, replace(kept, stamp=stamp), ttl_s=ttl_s)
    return True
