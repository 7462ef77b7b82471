"""The request, straight down."""

from dataclasses import replace

from django.db import InterfaceError, OperationalError

from catalog.event_types import type_ids
from experiments.assignment import Assignment
from retrieval.answer import Answer
from retrieval.beginnings import chosen_names, cold_start
from retrieval.by_heart import by_heart
from retrieval.cache import Seen
from retrieval.config import config
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.drawn import drawn_from_the_tail
from retrieval.filters import Rules
from retrieval.gathering import floor_pool, planned_calls
from retrieval.mixes import Choice, Mix, choose_mix, mature_share, matured, with_cold_start
from retrieval.placing import Placed, place_new_items
from retrieval.pooling import Asked, Pooled, pool_of
from retrieval.progress import Progress
from retrieval.selection import choose, screen
from retrieval.shares import served
from retrieval.stamps import Stamp
from retrieval.types import Context, Request, RequestFilters, RetrievalError, SourceTimeout, StoreUnavailable

# Of the request's time; the rest is for facts, filters and the answer itself.
_UNTIL_SELECTION = 0.8


def retrieve(request: Request) -> Answer:
    """Up to `request.k` candidates for the user, best first, each with all the sources that proposed it.

    Raises InvalidRequest for an unknown source or mix revision. While Postgres is away: what this process knows by
    heart, marked as degraded; StoreUnavailable or SourceTimeout where it knows nothing.
    """
    try:
        return _retrieved(request)
    except (StoreUnavailable, SourceTimeout) as error:
        return _by_heart(request, error)
    except (OperationalError, InterfaceError) as error:
        # A process that started without Postgres doesn't even know what serves.
        return _by_heart(request, StoreUnavailable(f"Postgres is away: {error}"))


def _retrieved(request: Request) -> Answer:
    asked = ask(request)
    progress, rules = asked.progress, asked.rules
    pooled = pool_of(asked)
    pool, screened = pooled.pool, pooled.screened
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
    return _answer(asked, pooled, placed)


def _by_heart(request: Request, error: RetrievalError) -> Answer:
    asked, pooled = by_heart(request, error)
    with asked.progress.stage("choice"):
        selection = choose(screen(pooled.pool, asked.rules), asked.rules)
    return _answer(asked, pooled, Placed(selection))


def ask(request: Request) -> Asked:
    """The request with its mix, its context, what it forbids and which sources it calls. Raises as `retrieve`."""
    progress = Progress()
    with progress.stage("context"):
        choice = _choice(request)
        mix, context = open_request(request, choice)
    rules = Rules.of(request, context, mix, type_ids())
    calls = planned_calls(mix, request, known=len(rules.seen))
    return Asked(request, mix, context, rules, calls, progress, choice)


def open_request(request: Request, choice: Choice | None = None) -> tuple[Mix, Context]:
    """The mix that serves this request and its context, with the deadline running. choice: where it is known."""
    choice = choice or _choice(request)
    deadline = Deadline.after_ms((request.deadline_ms or config().deadline_ms) * _UNTIL_SELECTION)
    mix = choice.mix
    context = build_context(request, mix=mix, arms=choice.arms, model=choice.model, deadline=deadline)
    mix = served(mix, request, context)
    if not request.sources:
        mix = matured(
            mix,
            event_count=context.event_count,
            interests=len(context.stated.interests),
            has_model=context.model is not None,
        )
    return mix, context


def _choice(request: Request) -> Choice:
    return choose_mix(
        request.user, request.surface, preview=request.mix_revision, model_version=request.model_version
    )


def _answer(asked: Asked, pooled: Pooled, placed: Placed) -> Answer:
    selection = placed.selection
    request, context, progress, use = asked.request, asked.context, asked.progress, pooled.use
    progress.finish(cache_level=use.level, given=len(selection), asked=request.k, dropped=selection.dropped)
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
        cache=replace(use, trail=(*use.trail, *_vector_look(context))),
        timings_ms=progress.timings_ms,
        mix_revision=asked.mix.revision,
        mix_key=asked.choice.mix.key,
        draw=asked.mix.draw,
        model_version=context.model.version if context.model else 0,
        history_version=context.history_version,
        arms=context.arms,
        diversity=selection.diversity,
        user_id=context.user_id,
        placements=(*placed.placements, *drawn_from_the_tail(selection.pool, placed.placements)),
        stamp=_stamp(asked, pooled),
        blocks=context.blocks,
        chance=context.chance,
        standing=placed.standing,
        chosen=chosen_names(context),
        cold_start=cold_start(asked.mix, context, selection.pool),
        had_a_say=_had_a_say(asked),
    )


def _vector_look(context: Context) -> tuple[Seen, ...]:
    """What L2 had when it was first asked: whoever asks again in the same request finds what was made for it."""
    return tuple(Seen("L2", result, reason) for result, reason in context.vector_looks[:1])


def _had_a_say(asked: Asked) -> tuple[Assignment, ...]:
    """The experiments that had one in this answer, whichever the user's arm: of those of cold start only where some arm
    would have shown anything of the newcomers' mix. A choice of sources or a preview is nobody's feed."""
    choice, context = asked.choice, asked.context
    if asked.request.sources or asked.request.mix_revision is not None:
        return ()
    return choice.always + tuple(one for one in choice.beginners if _begins(one, choice.mix, context))


def _begins(assignment: Assignment, mix: Mix, context: Context) -> bool:
    known = {"event_count": context.event_count, "interests": len(context.stated.interests)}
    arms = [with_cold_start(mix, arm.settings) for arm in assignment.experiment.arms]
    return any(mature_share(arm, **known) < 1 for arm in arms)


def _stamp(asked: Asked, pooled: Pooled) -> Stamp | None:
    """The pool's, as of the facts that filtered it; None where nobody else may be given this very answer."""
    request, context = asked.request, asked.context
    own = request.exclude or request.sources or request.attributes or request.session
    plain = not own and request.mix_revision is None and request.model_version is None
    if not (plain and request.use_cache and request.filters == RequestFilters() and context.snapshot):
        return None
    if asked.progress.degraded or pooled.use.stale:
        return None
    stamp = replace(pooled.kept.stamp, snapshot=context.snapshot, k=request.k)
    if draw := asked.mix.draw:
        # The next hold may bring another arm.
        stamp = replace(stamp, expires_at_s=min(stamp.expires_at_s, draw.until_s))
    return stamp
