"""Everything that clients of the API do, mixed, at a fixed rate; what they get is looked at as it comes."""

import itertools
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.faults.clients import Attempt, Clients, Kind
from benchmarks.soak.marks import CONSENT, Marks

# One round: mostly candidates, of people asked for before, of people who just did something, and of strangers.
TURNS: tuple[Kind, ...] = (
    *("known", "full", "event", "known", "stranger", "known", "full", "session", "known", "event"),
    *("similar", "known", "full", "impression", "stranger", "known", "item", "event", "known", "interests"),
)
_REGULARS = 40  # of the people: who asks again and again without doing anything else
_NEW_ITEMS = 200
_SHOWN_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Sighting:
    """An answer that named these, and when it was asked for and came (monotonic)."""

    sent: float
    answered: float
    mix: int
    model: int


class Traffic(Clients):
    """Besides what `Clients` do: `sightings` grows, and so do `contradictions`, which should not."""

    def __init__(
        self,
        port: int,
        key: str,
        users: Sequence[str],
        items: Sequence[str],
        *,
        marks: Marks,
        interests: Sequence[str],
        prefix: str,
    ) -> None:
        super().__init__(port, key, users[_REGULARS:], items, prefix=prefix)
        self._marks, self._interests = marks, interests
        self._regulars = itertools.cycle(users[:_REGULARS])
        self._shown: deque[tuple[str, str, str]] = deque(maxlen=_SHOWN_AT_MOST)
        self.sightings: list[Sighting] = []
        self.contradictions: list[str] = []

    def crowd(self, n: int) -> None:
        """So many people want candidates at the same moment, besides all others. Returns at once."""
        for _ in range(n):
            self.at_once("full")

    def ask(self, kind: Kind, due: float) -> Attempt:
        own = {
            "known": self._known,
            "stranger": self._stranger,
            "full": self._full,
            "session": self._session,
            "similar": self._similar,
            "impression": self._impression,
            "item": self._item,
            "interests": self._chosen,
        }
        return own[kind](due) if kind in own else super().ask(kind, due)

    def _known(self, due: float) -> Attempt:
        """Somebody who has done nothing since, mostly from a cache."""
        path = f"/api/v1/users/{next(self._regulars)}/candidates?k=200&fields=ids"
        return self._seen("known", "GET", path, None, due)

    def _stranger(self, due: float) -> Attempt:
        path = f"/api/v1/users/nobody-{next(self.numbers)}/candidates?k=200&fields=ids"
        return self._seen("stranger", "GET", path, None, due)

    def _full(self, due: float) -> Attempt:
        """Somebody of those who do things, mostly made anew."""
        user = self.chance.choice(self.users)
        return self._seen("full", "GET", f"/api/v1/users/{user}/candidates?k=200", None, due)

    def _session(self, due: float) -> Attempt:
        events = [{"item_id": item} for item in self.chance.sample(self.items, 3)]
        return self._seen("session", "POST", "/api/v1/sessions/candidates", {"events": events, "k": 50}, due)

    def _similar(self, due: float) -> Attempt:
        path = f"/api/v1/items/{self.chance.choice(self.items)}/similar?k=50"
        return self.request("similar", "GET", path, None, due)[0]

    def _impression(self, due: float) -> Attempt:
        if not self._shown:
            return self._full(due)
        request_id, user, item = self.chance.choice(self._shown)
        row = {"request_id": request_id, "user_id": user, "item_id": item, "position": 1}
        return self.request("impression", "POST", "/api/v1/impressions", {"impressions": [row]}, due)[0]

    def _item(self, due: float) -> Attempt:
        """New at first, changed later on."""
        number = next(self.numbers) % _NEW_ITEMS
        row = {
            "item_id": f"new-{number}",
            "title": f"New story {number}, as of {due:.0f}",
            "category": f"category-{number % 5}",
            "tags": [f"tag-{number % 40}", f"tag-{self.chance.randrange(40)}"],
        }
        return self.request("item", "PUT", "/api/v1/items", {"items": [row]}, due)[0]

    def _chosen(self, due: float) -> Attempt:
        body = {"interests": self.chance.sample(list(self._interests), 3), "consent_version": CONSENT}
        path = f"/api/v1/users/{self.chance.choice(self.users)}/interests"
        return self.request("interests", "PUT", path, body, due)[0]

    def _seen(self, kind: Kind, method: str, path: str, body: Any, due: float) -> Attempt:
        sent = time.monotonic()
        attempt, answer = self.request(kind, method, path, body, due)
        if attempt.status != 200:
            return attempt
        versions = answer["versions"]
        # Sessions have a mix of their own, and what is answered by heart is of no version.
        if kind != "session" and "postgres" not in attempt.degraded:
            self.sightings.append(Sighting(sent, time.monotonic(), versions["mix"], versions["model"]))
        if kind == "full" and "postgres" not in attempt.degraded:
            self.contradictions += self._marks.contradictions(answer)
            if answer["known_user"] and answer["candidates"]:
                first = answer["candidates"][0]["item_id"]
                self._shown.append((answer["request_id"], answer["user_id"], first))
        return attempt
