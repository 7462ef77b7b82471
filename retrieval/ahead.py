"""L3: candidates of the most active users, computed before they ask."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.db import connection

from catalog.models import User
from retrieval import cache, keys
from retrieval.config import config
from retrieval.pooling import computed
from retrieval.service import ask
from retrieval.stamps import jittered
from retrieval.types import Request
from retrieval.valkey import CacheUnavailable

log = structlog.get_logger(__name__)

K = 1000  # serves every smaller k
SURFACE = "default"
_WINDOW = timedelta(days=1)
_DEADLINE_MS = 5_000  # nobody waits
_CHUNK = 200
# Events in the future of a clock that runs ahead count as well: they are of today.
_MOST_ACTIVE = """
SELECT user_id FROM catalog_interaction WHERE occurred_at > %s
GROUP BY user_id ORDER BY count(*) DESC, user_id
"""


def most_active(now: datetime) -> list[int]:
    """The configured share of the users with events in the last 24 h, those with the most events first."""
    with connection.cursor() as cursor:
        cursor.execute(_MOST_ACTIVE, [now - _WINDOW])
        users = [user_id for (user_id,) in cursor.fetchall()]
    return users[: math.ceil(len(users) * config().precomputed_share)]


def chunks(user_ids: Sequence[int]) -> Iterator[list[int]]:
    """As many as one task computes."""
    for start in range(0, len(user_ids), _CHUNK):
        yield list(user_ids[start : start + _CHUNK])


def precompute(user_ids: Sequence[int], *, now: datetime) -> int:
    """How many users' candidates are kept from now on. Ends early where the cache is away."""
    known = dict(User.objects.filter(id__in=user_ids).values_list("id", "external_id"))
    kept = 0
    for user_id in user_ids:
        if user_id not in known:
            continue
        try:
            kept += precompute_one(known[user_id], now=now)
        except CacheUnavailable as error:
            log.warning("candidates are not computed ahead", error=str(error))
            break
    return kept


def precompute_one(user: str, *, now: datetime) -> bool:
    """False where a source failed: what is degraded isn't kept. Raises CacheUnavailable."""
    asked = ask(Request(user=user, k=K, now=now, surface=SURFACE, deadline_ms=_DEADLINE_MS))
    kept = computed(asked).kept
    if asked.progress.sources_failed:
        return False
    ttl_s = jittered(config().precomputed_ttl_s)
    stamp = replace(kept.stamp, expires_at_s=time.time() + ttl_s)
    model = asked.context.model.version if asked.context.model else 0
    key = keys.precomputed_key(user, mix=asked.mix.revision, model=model, surface=SURFACE)
    cache.keep(key, replace(kept, stamp=stamp), ttl_s=ttl_s)
    return True
