"""An open loop of mixed requests: due at a fixed rate whatever becomes of others, timed from when each was due."""

import asyncio
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.faults.shape import N_ITEMS, N_USERS, TYPES

_TIMEOUT_S = 10.0
_RETRY_S = 0.25
_KINDS = ("candidates", "sessions", "events", "impressions")
_SHARES = (55, 15, 20, 10)


@dataclass(frozen=True, slots=True)
class Seen:
    """One attempt: status 0 where the connection broke, −1 where no answer came in ten seconds."""

    kind: str
    due: float  # time.monotonic()
    status: int
    ms: float
    degraded: bool
    count: int
    mix: int
    retry_after: bool
    shed: bool


@dataclass(slots=True)
class Traffic:
    """seen: every attempt. acknowledged: the ids of events that were answered with 200."""

    url: str
    key: str
    per_second: float
    seen: list[Seen] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Once every event that was begun is acknowledged, or thirty seconds have passed."""
        self._over.set()
        if self._thread:
            self._thread.join(60)

    def since(self, begin: float, end: float = float("inf")) -> list[Seen]:
        return [one for one in list(self.seen) if begin <= one.due < end]

    async def _run(self) -> None:
        rng = random.Random(3)
        headers = {"authorization": f"Api-Key {self.key}"}
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=50)
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=_TIMEOUT_S, limits=limits
        ) as client:
            under_way: set[asyncio.Task[None]] = set()
            due = time.monotonic()
            while not self._over.is_set():
                due += rng.expovariate(self.per_second)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(self._one(client, rng.choices(_KINDS, _SHARES)[0], due, rng))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            if under_way:
                await asyncio.wait(under_way, timeout=30)

    async def _one(self, client: httpx.AsyncClient, kind: str, due: float, rng: random.Random) -> None:
        user, item = f"u{rng.randrange(N_USERS)}", f"i{rng.randrange(N_ITEMS)}"
        if kind == "candidates":
            await self._ask(client, kind, due, f"/api/v1/users/{user}/candidates?k=100&fields=ids", None)
        elif kind == "sessions":
            body = {"events": [{"item_id": item, "type": "view"}], "k": 100, "fields": "ids"}
            await self._ask(client, kind, due, "/api/v1/sessions/candidates", body)
        elif kind == "impressions":
            shown = {"request_id": uuid.uuid4().hex, "user_id": user, "item_id": item, "position": 1}
            await self._ask(client, kind, due, "/api/v1/impressions", shown)
        else:
            await self._event(client, due, user, item, rng)

    async def _event(
        self, client: httpx.AsyncClient, due: float, user: str, item: str, rng: random.Random
    ) -> None:
        """Sent again, with the same id, until it is acknowledged."""
        name = uuid.uuid4().hex
        event = {"event_id": name, "user_id": user, "item_id": item, "type": rng.choice(TYPES)}
        give_up_at = time.monotonic() + 90
        while time.monotonic() < give_up_at:
            if await self._ask(client, "events", due, "/api/v1/events", event) == 200:
                self.acknowledged.add(name)
                return
            await asyncio.sleep(_RETRY_S)
            due = time.monotonic()

    async def _ask(
        self, client: httpx.AsyncClient, kind: str, due: float, path: str, body: Any = None
    ) -> int:
        status, said, retry_after = 0, {}, False
        try:
            response = await client.request("POST" if body else "GET", path, json=body)
            status, retry_after = response.status_code, "retry-after" in response.headers
            said = response.json()
        except httpx.TimeoutException:
            status = -1
        except (httpx.HTTPError, ValueError):
            status = status or 0
        ms = (time.monotonic() - due) * 1000
        versions = said.get("versions") or {}
        self.seen.append(
            Seen(
                kind,
                due,
                status,
                ms,
                bool(said.get("degraded")),
                len(said.get("item_ids") or ()),
                int(versions.get("mix") or 0),
                retry_after,
                str(said.get("type")).endswith(":overloaded"),
            )
        )
        return status
