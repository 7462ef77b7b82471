"""Mixes judged in place by what people did since the live version learned: quick enough for a page.

Of each person what she liked since then is held back: her request is as of the moment before, with her history of then.
The version knows nothing of it. Everything else is as of now: what is hot, top lists and followings know what came
since, for both mixes alike. So two mixes may be compared by it; it is no measurement for a report (`evaluate` is).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from catalog.event_types import event_weights, type_ids
from catalog.history import History, unpack_history
from catalog.models import UserHistory
from coldstart.config import newcomers
from coldstart.maturity import learning_rates
from retrieval.context import build_context
from retrieval.deadline import Deadline
from retrieval.filters import Rules
from retrieval.gathering import planned_calls
from retrieval.mixes import choose_mix, matured
from retrieval.models import ModelVersion
from retrieval.pooling import Asked, computed
from retrieval.progress import Progress
from retrieval.selection import choose, screen
from retrieval.types import Ids, Request
from retrieval.versions import live_model

# Where no version has learned anything.
_WITHOUT_MODEL = timedelta(days=7)
_FRAME = 2_000  # the people who were active last, of whom some are drawn
_PATIENCE_MS = 10_000


@dataclass(frozen=True, slots=True)
class Engaged:
    """A person who liked something new. before: her history up to then; wanted: int64 [n ≥ 1], what she liked."""

    user: str
    before: History
    wanted: Ids
    at: datetime


def unknown_since(now: datetime) -> datetime:
    """Since when the live version knows nothing of what happens."""
    model = live_model()
    cutoffs = ModelVersion.objects.filter(id=model.version if model else 0).values_list("cutoff", flat=True)
    return cutoffs.first() or now - _WITHOUT_MODEL


def engaged_since(moment: datetime, *, most: int, seed: int) -> list[Engaged]:
    """Up to so many of the people who were active last and liked something new since then, drawn by the seed."""
    frame = UserHistory.objects.filter(last_event_at__gte=moment).order_by("-last_event_at", "user_id")
    ids = np.array(list(frame.values_list("user_id", flat=True)[:_FRAME]), np.int64)
    drawn = np.random.default_rng(seed).permutation(ids)[:most].tolist()
    rows = UserHistory.objects.filter(user_id__in=drawn).values_list("user_id", "user__external_id", "events")
    by_id = {user_id: _engaged(name, unpack_history(events), moment) for user_id, name, events in rows}
    return [one for user_id in drawn if (one := by_id.get(user_id))]


def recall_of(person: Engaged, revision: int, *, k: int, surface: str) -> float:
    """The share of what she liked that is among the first k of the revision's answer. Raises RetrievalError."""
    request = Request(
        person.user,
        k,
        person.at,
        surface=surface,
        mix_revision=revision,
        use_cache=False,
        deadline_ms=_PATIENCE_MS,
    )
    choice, progress = choose_mix(person.user, surface, preview=revision), Progress()
    deadline = Deadline.after_ms(_PATIENCE_MS)
    now = build_context(request, mix=choice.mix, arms={}, model=choice.model, deadline=deadline)
    known = len(person.before) + max(now.event_count - len(now.history), 0)
    rates = learning_rates(known, len(person.before), newcomers().rapid_learning)
    context = replace(now, history=person.before, event_count=known, keeps_vector=False, rates=rates)
    interests, has_model = len(context.stated.interests), context.model is not None
    mix = matured(choice.mix, event_count=known, interests=interests, has_model=has_model)
    rules = Rules.of(request, context, mix, type_ids())
    calls = planned_calls(mix, request, known=len(rules.seen))
    pooled = computed(Asked(request, mix, context, rules, calls, progress, choice))
    final = choose(pooled.screened or screen(pooled.pool, rules), rules)
    return float(np.isin(person.wanted, final.pool.item_ids).mean())


def _engaged(name: str, history: History, moment: datetime) -> Engaged | None:
    weights = event_weights()
    liking = np.array([weights.get(type_id, 0.0) > 0 for type_id in history["type_id"].tolist()], np.bool_)
    late = history["occurred_at_s"] >= moment.timestamp()
    # What she had met before is nothing that could be found for her.
    had = history["item_id"][~late]
    new = liking & late & ~np.isin(history["item_id"], had)
    if not new.any():
        return None
    first_s = int(history["occurred_at_s"][new].min())
    before = history[history["occurred_at_s"] < first_s]
    wanted = np.setdiff1d(history["item_id"][new], before["item_id"]).astype(np.int64)
    at = datetime.fromtimestamp(first_s, UTC) - timedelta(seconds=1)
    return Engaged(name, before, wanted, at) if len(wanted) else None
