"""What a preview finds: computed by a worker, kept for some minutes, and shown by a page that waits for nothing."""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.template.loader import render_to_string

from console.config import config
from console.mixing import people
from console.mixing.asking import Asked, ask_both
from console.mixing.comparing import side_by_side
from console.mixing.expecting import Expected, expected_recall
from console.mixing.figures import figures, source_shares
from retrieval import valkey

# It names people and what they would get: not for longer than somebody looks at it.
KEPT_S = 600
# Whoever asks again after that finds that no worker took it up, or that one died of it.
TAKEN_UP_WITHIN_S = 120
# Of a preview's time the side by side has so much; recall has the rest.
_FOR_PEOPLE = 0.5


@dataclass(frozen=True, slots=True)
class Question:
    """live, draft: revisions; users: external ids as typed, empty for a sample of n drawn by the seed; k: places."""

    live: int
    draft: int
    users: str
    n: int
    seed: int
    k: int
    surface: str

    def key(self, *parts: str) -> str:
        asked = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        return valkey.key("preview", asked[:32], *parts)


@dataclass(frozen=True, slots=True)
class Found:
    """html: the page's part; done: whether nothing more comes; mark: of this result and no other."""

    html: str
    done: bool
    made_at: datetime
    mark: str


def found(question: Question) -> Found | None:
    """None where nothing is there yet. Raises CacheUnavailable."""
    kept = valkey.client().get(question.key())
    if kept is None:
        return None
    body = json.loads(kept)
    return Found(body["html"], body["done"], datetime.fromtimestamp(body["at"], UTC), str(body["at"]))


def take_up(question: Question) -> bool:
    """Whether it is the caller's to have it computed: of many who ask at once, one's. Raises CacheUnavailable."""
    return bool(valkey.client().set(question.key("taken-up"), 1, nx=True, ex=TAKEN_UP_WITHIN_S))


def forget(question: Question) -> None:
    """What was found, so that it is found anew. Raises CacheUnavailable."""
    valkey.client().delete(question.key())


def let_go(question: Question) -> None:
    """Undoes `take_up`. Raises CacheUnavailable."""
    valkey.client().delete(question.key("taken-up"))


def compute(question: Question) -> None:
    """For a worker: the side by side as soon as it is there, then all. Raises CacheUnavailable."""
    began, at_most_s = time.monotonic(), config().preview_at_most_s
    named, unknown = people.named(question.users)
    # Whom nobody knows is a newcomer to both mixes: worth a look, and said to be one.
    users = [*named, *unknown] or people.sampled(question.n, question.seed)
    live, draft, k, surface = question.live, question.draft, question.k, question.surface
    asked = ask_both(users, live, draft, k=k, surface=surface, until=began + at_most_s * _FOR_PEOPLE)
    _keep(question, asked, unknown, time.monotonic() - began, None)
    until = began + at_most_s
    expected = expected_recall(live, draft, k=k, surface=surface, seed=question.seed, until=until)
    _keep(question, asked, unknown, time.monotonic() - began, expected)
    let_go(question)


def _keep(
    question: Question, asked: Asked, unknown: list[str], took_s: float, expected: Expected | None
) -> None:
    context = {
        "asked": asked,
        "sampled": not question.users.strip(),
        "seed": question.seed,
        "unknown": unknown,
        "k": question.k,
        "sides": [side_by_side(pair) for pair in asked.pairs],
        "figures": figures(asked.pairs, k=question.k),
        "shares": source_shares(asked.pairs),
        "expected": expected,
        "took_s": took_s,
        "at_most_s": config().preview_at_most_s,
    }
    html = render_to_string("console/mixing/_compared.html", context)
    kept = {"html": html, "done": expected is not None, "at": time.time()}
    valkey.client().set(question.key(), json.dumps(kept), ex=KEPT_S)
