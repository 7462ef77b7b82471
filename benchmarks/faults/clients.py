"""Clients that ask at a fixed rate, whatever happens, and send events again until they are acknowledged."""

import datetime as dt
import http.client
import itertools
import json
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from benchmarks.faults.product import HOST

# "known" and "stranger" want candidates, "event" sends some; others are of whoever adds them in `ask`.
Kind = str
# One round of what is asked: most want candidates.
TURNS: tuple[Kind, ...] = ("known", "event", "known", "stranger", "event", "known", "known", "stranger")
EVENTS_ONLY: tuple[Kind, ...] = ("event",)
_TIMEOUT_S = 10.0
_AT_ONCE = 128  # enough for all that hangs: the load must not wait for answers
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 2.0
_GIVE_UP_AFTER_S = 45.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: when it was due (monotonic), what came of it. `status` 0: no answer, `trouble` says why.
    `strange_items`: ids in it that are not the catalogue's."""

    kind: Kind
    due: float
    latency_ms: float
    status: int
    retry_after: bool
    degraded: tuple[str, ...]
    mix: int
    trouble: str = ""
    model: int = 0
    strange_items: int = 0


class Clients:
    """Ask from `start` to `stop`. `attempts` grows; `acknowledged`: event ids that the product said are kept."""

    def __init__(
        self, port: int, key: str, users: Sequence[str], items: Sequence[str], *, prefix: str
    ) -> None:
        self._port, self._key, self.users, self.items, self.prefix = port, key, users, items, prefix
        self._known_items = frozenset(items)
        self.attempts: list[Attempt] = []
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.numbers = itertools.count()
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._clock = threading.Thread(target=self._run)
        self.chance = random.Random(7)

    def start(self, per_second: float, turns: Sequence[Kind] = TURNS) -> None:
        self._per_second, self._turns = per_second, turns
        self._clock.start()

    def stop(self) -> None:
        """Returns once the last event is acknowledged or given up."""
        self._over.set()
        self._clock.join()
        self._pool.shutdown()

    def at_once(self, kind: Kind) -> None:
        """One more than the rate has, due now. Returns before it is answered."""
        self._pool.submit(self._until_done, kind, time.monotonic())

    def ask(self, kind: Kind, due: float) -> Attempt:
        """One request, once."""
        if kind == "event":
            return self._post(self._new_events(), due)
        user = self.chance.choice(self.users) if kind == "known" else f"nobody-{next(self.numbers)}"
        return self.request(kind, "GET", f"/api/v1/users/{user}/candidates?k=200&fields=ids", None, due)[0]

    def _run(self) -> None:
        began = time.monotonic()
        for number, kind in enumerate(itertools.cycle(self._turns)):
            due = began + number / self._per_second
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            self._pool.submit(self._until_done, kind, due)

    def _until_done(self, kind: Kind, due: float) -> None:
        if kind != "event":
            self.attempts.append(self.ask(kind, due))
            return
        events = self._new_events()
        pause_s, give_up_at = _FIRST_PAUSE_S, due + _GIVE_UP_AFTER_S
        while True:
            attempt = self._post(events, due)
            self.attempts.append(attempt)
            if attempt.status == 200 or 400 <= attempt.status < 500 or time.monotonic() > give_up_at:
                return
            time.sleep(pause_s * self.chance.uniform(0.5, 1.0))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            due = time.monotonic()

    def _new_events(self) -> list[dict[str, str]]:
        """One to three. With their times, so that sending them again can't make other events of them."""
        now = dt.datetime.now(dt.UTC).isoformat()
        events = [
            {
                "event_id": f"{self.prefix}-{next(self.numbers)}",
                "user_id": self.chance.choice(self.users),
                "item_id": self.chance.choice(self.items),
                "type": "click",
                "occurred_at": now,
            }
            for _ in range(self.chance.randint(1, 3))
        ]
        self.sent.update(event["event_id"] for event in events)
        return events

    def _post(self, events: list[dict[str, str]], due: float) -> Attempt:
        attempt, body = self.request("event", "POST", "/api/v1/events", {"events": events}, due)
        if attempt.status == 200:
            results = body["results"]
            self.acknowledged.update(
                r["event_id"] for r in results if r["status"] in {"accepted", "duplicate"}
            )
        return attempt

    def request(self, kind: Kind, method: str, path: str, body: Any, due: float) -> tuple[Attempt, Any]:
        """What came of it, and the answer's document; empty where there was none."""
        headers = {"Authorization": f"Api-Key {self._key}", "Content-Type": "application/json"}
        status, retry_after, answer, trouble = 0, False, {}, ""
        # A connection of its own for each: so both web processes are asked.
        connection = http.client.HTTPConnection(HOST, self._port, timeout=_TIMEOUT_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            status, retry_after = response.status, response.getheader("Retry-After") is not None
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = type(error).__name__
        finally:
            connection.close()
        latency_ms = (time.monotonic() - due) * 1000
        degraded = tuple(answer.get("degraded", ()))
        versions = answer.get("versions") or {}
        mix, model = versions.get("mix") or 0, versions.get("model") or 0
        strange = sum(item not in self._known_items for item in answer.get("item_ids", ()))
        return Attempt(
            kind, due, latency_ms, status, retry_after, degraded, mix, trouble, model, strange
        ), answer
