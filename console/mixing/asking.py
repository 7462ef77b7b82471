"""The same people asked under two mixes, in turns, for as long as there is time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from retrieval.answer import Answer
from retrieval.service import retrieve
from retrieval.types import Request, RetrievalError


@dataclass(frozen=True, slots=True)
class Pair:
    """One person's answers; previews, so that nobody is exposed to anything and nothing counts as shown."""

    user: str
    live: Answer
    draft: Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """failed: people for whom either mix gave no answer. wanted: how many there were to ask."""

    pairs: Sequence[Pair]
    failed: int
    wanted: int


def ask_both(users: Sequence[str], live: int, draft: int, *, k: int, surface: str, until: float) -> Asked:
    """until: of `time.monotonic`; nobody is begun with after that. Every second person is asked under the draft first,
    so that neither mix always finds warm what the other has read."""
    pairs, failed = [], 0
    for place, user in enumerate(users):
        if time.monotonic() >= until:
            break
        order = (live, draft) if place % 2 == 0 else (draft, live)
        try:
            answers = {revision: _answer(user, revision, k, surface) for revision in order}
        except RetrievalError:
            failed += 1
            continue
        pairs.append(Pair(user, answers[live], answers[draft]))
    return Asked(pairs, failed, len(users))


def _answer(user: str, revision: int, k: int, surface: str) -> Answer:
    now = timezone.now()
    request = Request(user, k, now, surface=surface or "default", mix_revision=revision, use_cache=False)
    return retrieve(request)
