"""The request, straight down."""

from catalog.event_types import type_ids
from experiments.assignment import assign, running_experiments
from retrieval import cache
from retrieval.answer import Answer
from retrieval.config import config
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.filters import Rules
from retrieval.gathering import fill_pool, floor_pool, gather, planned_calls
from retrieval.mixes import Mix, mix_by_revision, published_mix
from retrieval.placing import Placed, place_new_items
from retrieval.progress import Progress
from retrieval.selection import choose, missing, screen
from retrieval.types import Context, Request
from retrieval.valkey import CacheUnavailable
from retrieval.versions import live_model

# Of the request's time; the rest is for facts, filters and the answer itself.
_UNTIL_SELECTION = 0.8


def retrieve(request: Request) -> Answer:
    """Up to `request.k` candidates for the user, best first, each with all the sources that proposed it.

    Raises InvalidRequest for an unknown source or mix revision, StoreUnavailable where Postgres is away.
    """
    progress = Progress()
    with progress.stage("context"):
        mix, context = open_request(request)
    rules = Rules.of(request, context, mix, type_ids())
    calls = planned_calls(mix, request, known=len(rules.seen))
    key = cache.candidates_key(context, mix.revision, request.k) if cache.cacheable(request) else ""
    with progress.stage("cache"):
        cached = _read(key, progress)
    if cached is None:
        with progress.stage("sources"):
            pool, reports = gather(calls, mix, context, began=progress.began)
        progress.reports += reports
        filled = False
    else:
        pool, filled = cached.pool, cached.filled
    with progress.stage("filters"):
        short, screened = missing(pool, rules)
    if short and mix.fill and not filled and not request.sources:
        with progress.stage("fill"):
            pool, reports = fill_pool(pool, mix, context, missing=short, began=progress.began)
            screened = screen(pool, rules, known=screened)
        progress.reports += reports
        filled = True
    progress.note_failed_sources()
    if not len(pool) and progress.degraded:
        with progress.stage("floor"):
            pool = floor_pool(request.k)
            screened = screen(pool, rules)
    with progress.stage("choice"):
        selection = choose(screened or screen(pool, rules), rules)
    # After the cache, for each request anew: the one place where new items enter an answer.
    with progress.stage("placing"):
        placed = place_new_items(selection, rules)
    if cached is None or cached.filled != filled:
        with progress.stage("remember"):
            _write(key, cache.Cached(pool, filled), progress)
    return _answer(request, mix, context, placed, progress, cache_level="L1" if cached else "none")


def open_request(request: Request) -> tuple[Mix, Context]:
    """The mix that serves this request and its context, with the deadline running."""
    deadline = Deadline.after_ms((request.deadline_ms or config().deadline_ms) * _UNTIL_SELECTION)
    mix, arms = _choose_mix(request)
    return mix, build_context(request, mix=mix, arms=arms, model=live_model(), deadline=deadline)


def _choose_mix(request: Request) -> tuple[Mix, dict[str, str]]:
    """The mix that a preview names, else that of the user's arm, else what is published; and the user's arms."""
    if request.mix_revision is not None:
        return mix_by_revision(request.mix_revision), {}
    assignments = assign(request.user, request.surface, running_experiments())
    arms = {a.experiment: a.variant for a in assignments}
    revision = next((a.mix_revision for a in assignments if a.mix_revision is not None), None)
    return published_mix(request.surface) if revision is None else mix_by_revision(revision), arms


def _read(key: str, progress: Progress) -> cache.Cached | None:
    if not key:
        return None
    try:
        return cache.read_candidates(key)
    except CacheUnavailable:
        progress.degraded.append("cache")
        return None


def _write(key: str, cached: cache.Cached, progress: Progress) -> None:
    """A degraded answer isn't kept: it would outlive the trouble by minutes."""
    if not key or progress.degraded:
        return
    try:
        cache.write_candidates(key, cached)
    except CacheUnavailable:
        progress.degraded.append("cache")


def _answer(
    request: Request,
    mix: Mix,
    context: Context,
    placed: Placed,
    progress: Progress,
    *,
    cache_level: str,
) -> Answer:
    selection = placed.selection
    progress.finish(cache_level=cache_level, given=len(selection), asked=request.k, dropped=selection.dropped)
    return Answer(
        request_id=request.request_id,
        user=request.user,
        known_user=context.user_id != 0,
        asked=request.k,
        pool=selection.pool,
        facts=selection.facts,
        dropped=selection.dropped,
        shortfall=selection.shortfall,
        degraded=tuple(progress.degraded),
        reports=tuple(progress.reports),
        cache_level=cache_level,
        timings_ms=progress.timings_ms,
        mix_revision=mix.revision,
        model_version=context.model.version if context.model else 0,
        history_version=context.history_version,
        arms=context.arms,
        diversity=selection.diversity,
        user_id=context.user_id,
        placements=placed.placements,
    )
