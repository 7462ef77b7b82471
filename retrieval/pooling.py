"""A request's pool: from the cache, from somebody who computes it this moment, or computed here."""

import time
from dataclasses import dataclass, replace
from functools import partial

from retrieval import cache, metrics
from retrieval.afterwards import later
from retrieval.answer import CacheUse
from retrieval.cache import Kept, Looked
from retrieval.config import config
from retrieval.filters import Rules
from retrieval.gathering import fill_pool, gather
from retrieval.mixes import Choice, Mix
from retrieval.progress import Progress
from retrieval.runner import Call
from retrieval.selection import Screened, missing, screen
from retrieval.stamps import Stamp, jittered
from retrieval.types import Context, Pool, Request, RequestFilters
from retrieval.valkey import CacheUnavailable

_NOWHERE = Looked("", ())


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with all that is known before its pool is."""

    request: Request
    mix: Mix
    context: Context
    rules: Rules
    calls: list[Call]
    progress: Progress
    choice: Choice


@dataclass(frozen=True, slots=True)
class Pooled:
    """screened: as the filters saw the pool, where they did already. kept: what the cache has of it by now."""

    pool: Pool
    screened: Screened | None
    use: CacheUse
    kept: Kept


def pool_of(asked: Asked) -> Pooled:
    """Never raises for a source or for the cache."""
    if not cache.cacheable(asked.request):
        return computed(asked)
    with asked.progress.stage("cache"):
        looked = cache.look(asked.request, asked.context, mix=asked.mix.key)
    if any(seen.result == "error" for seen in looked.trail):
        asked.progress.degraded.append("cache")
    if looked.fresh and looked.kept is not None:
        return _from_cache(asked, looked, looked.kept)
    name = (looked.key, asked.context.user_id, asked.context.history_version)
    flight, leads = cache.flights().join(name)
    if leads:
        pooled = None
        try:
            pooled = _lead(asked, looked)
        finally:
            good = pooled is not None and not pooled.use.stale and not asked.progress.sources_failed
            cache.flights().land(name, pooled.kept if pooled is not None and good else None)
        return pooled
    if looked.kept is not None:
        return _from_cache(asked, looked, looked.kept)
    with asked.progress.stage("wait"):
        kept = flight.wait(_patience_s(asked))
    # Who asks after an invalidation isn't given what was computed before it.
    if kept is None or cache.distrusted(kept, asked.context):
        return computed(asked, looked)
    return _from_cache(asked, looked, kept)


def computed(asked: Asked, looked: Looked = _NOWHERE) -> Pooled:
    """The pool from the sources, filled up where the request needs it; kept nowhere."""
    began = time.time()
    with asked.progress.stage("sources"):
        pool, reports = gather(asked.calls, asked.mix, asked.context, began=asked.progress.began)
    asked.progress.reports += reports
    pool, filled_for, screened = _filled(asked, pool, 0)
    stamp = Stamp(
        made_at_s=began,
        expires_at_s=began + jittered(config().candidates_ttl_s),
        cost_s=time.time() - began,
        user_id=asked.context.user_id,
        history_version=asked.context.history_version,
        k=asked.request.k,
        snapshot=asked.context.snapshot,
    )
    return Pooled(pool, screened, CacheUse(trail=looked.trail), Kept(pool, filled_for, stamp))


def _lead(asked: Asked, looked: Looked) -> Pooled:
    """Computes and keeps the pool, unless another process is at it already and there is something else to show."""
    token: str | None = ""
    try:
        with asked.progress.stage("cache"):
            token = cache.hold(looked.key)
        if token is None:
            if looked.kept is not None:
                return _from_cache(asked, looked, looked.kept)
            with asked.progress.stage("wait"):
                kept = cache.wait_for_other(looked.key, lambda: _fresh(asked), timeout_s=_patience_s(asked))
            if kept is not None:
                return _from_cache(asked, looked, kept)
    except CacheUnavailable:
        _without_cache(asked)
    try:
        pooled = computed(asked, looked)
        _keep(asked, looked, pooled.kept)
        return pooled
    finally:
        if token:
            later(f"{looked.key} held", partial(cache.let_go, looked.key, token))


def _from_cache(asked: Asked, looked: Looked, kept: Kept) -> Pooled:
    """The kept pool; filled up, and kept so, where this request's filters leave less of it than others' did."""
    level, age_s = looked.level or "L1", kept.stamp.age_s()
    stale = kept.stamp.expired() or kept.stamp.history_version != asked.context.history_version
    metrics.CACHE_AGE_S.labels(level).observe(age_s)
    if stale:
        metrics.CACHE.labels(level, "stale").inc()
    pool, filled_for, screened = _filled(asked, kept.pool, kept.filled_for)
    if filled_for != kept.filled_for:
        kept = replace(kept, pool=pool, filled_for=filled_for)
        if not stale:
            _keep(asked, looked, kept)
    request = asked.request
    use = CacheUse(
        level=level,
        age_s=age_s,
        stale=stale,
        unfiltered=bool(request.exclude) or request.filters != RequestFilters(),
        trail=looked.trail,
    )
    return Pooled(pool, screened, use, kept)


def _filled(asked: Asked, pool: Pool, filled_for: int) -> tuple[Pool, int, Screened | None]:
    """The pool, with more from the fill sources where the request is short of more candidates than they were asked
    for before; for how many they were asked by now; the pool as it was screened."""
    request, mix, progress = asked.request, asked.mix, asked.progress
    with progress.stage("filters"):
        short, screened = missing(pool, asked.rules)
    if short > filled_for and mix.fill and not request.sources:
        with progress.stage("fill"):
            pool, reports = fill_pool(pool, mix, asked.context, missing=short, began=progress.began)
            screened = screen(pool, asked.rules, known=screened)
        progress.reports += reports
        filled_for = short
    return pool, filled_for, screened


def _fresh(asked: Asked) -> Kept | None:
    """What another process has kept meanwhile, if that is fresh for this request."""
    looked = cache.look(asked.request, asked.context, mix=asked.mix.key)
    return looked.kept if looked.fresh else None


def _keep(asked: Asked, looked: Looked, kept: Kept) -> None:
    """A degraded pool isn't kept: it would outlive the trouble by minutes."""
    if asked.progress.sources_failed or not looked.key:
        return

    def keep() -> None:
        try:
            cache.keep(looked.key, kept, ttl_s=kept.stamp.left_s())
        except CacheUnavailable:
            _without_cache(asked)

    with asked.progress.stage("remember"):
        later(looked.key, keep)


def _without_cache(asked: Asked) -> None:
    if "cache" not in asked.progress.degraded:
        asked.progress.degraded.append("cache")


def _patience_s(asked: Asked) -> float:
    """At most half of what is left: who waited in vain has to compute in the rest."""
    return min(config().cache_wait_ms / 1000, asked.context.deadline.remaining_s() / 2)
