"""What a process can answer by itself while Postgres is away: what trended, by the facts that it has read, or that
another one has left behind."""

import time
from dataclasses import replace

from catalog.event_types import type_ids
from retrieval import last_known
from retrieval.answer import CacheUse
from retrieval.cache import Kept
from retrieval.config import config
from retrieval.context import strangers_context
from retrieval.deadline import Deadline
from retrieval.facts import knows_facts
from retrieval.filters import Rules
from retrieval.gathering import floor_pool
from retrieval.last_known import FLOOR_LENGTH
from retrieval.mixes import Choice, mix_by_revision, published_mix
from retrieval.pooling import Asked, Pooled
from retrieval.progress import Progress
from retrieval.sets import among, ascending
from retrieval.stamps import Stamp
from retrieval.types import Request, RetrievalError

AWAY = "postgres"


def can_answer() -> bool:
    """Whether this process could answer without Postgres: it knows a mix, and facts of what trends."""
    last_known.take_in()
    try:
        published_mix()
    except Exception:  # noqa: BLE001  whatever it is, there is no answer without one
        return False
    return last_known.knows_the_floor()


def by_heart(request: Request, error: RetrievalError) -> tuple[Asked, Pooled]:
    """The request as a stranger's, and the pool that there is for it. Nothing of the user is known, so neither what she
    has seen nor what she blocks; what the request itself says counts. Raises `error` where the process has nothing,
    or was asked for single sources: something else is no answer to that.
    """
    progress = Progress(degraded=[AWAY])
    if request.sources:
        raise error
    last_known.take_in()
    deadline = Deadline.after_ms(request.deadline_ms or config().deadline_ms)
    try:
        mix = (
            published_mix(request.surface)
            if request.mix_revision is None
            else mix_by_revision(request.mix_revision)
        )
        alone = replace(request, session=())
        context = strangers_context(alone, mix=mix, model=None, deadline=deadline)
        rules = Rules.of(alone, context, mix, type_ids())
    except Exception as unknown:
        raise error from unknown
    with progress.stage("floor"):
        pool = floor_pool(FLOOR_LENGTH)
        known = ascending(pool.item_ids)
        pool = pool.take(among(pool.item_ids, known[knows_facts(known)]))
    if not len(pool):
        raise error
    now_s = time.time()
    stamp = Stamp(now_s, now_s, 0.0, user_id=0, history_version=0, k=request.k, snapshot="")
    asked = Asked(alone, mix, context, rules, [], progress, Choice(mix, None))
    return asked, Pooled(pool, None, CacheUse(), Kept(pool, 0, stamp))
