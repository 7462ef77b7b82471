"""The audience's loop: one look after the other while it is wanted; nothing that goes wrong out there ends it."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from demo.audience.api import Api, Refused, Unreachable
from demo.audience.looking import look, send
from demo.audience.newcomers import arrive
from demo.audience.pacing import Pace
from demo.audience.past import fill, gap
from demo.audience.switch import BEAT_S, Notice, Switch
from demo.audience.town import MARK, MOST_NEWCOMERS, Person, Town

_LOOKS_AROUND_EVERY_S = 1.0
# One look in so many is a newcomer's first.
_NEWCOMER_EVERY = 150
# Of ten looks four are followed by another one of the same person.
_STAYS = 0.4
_PAST_AT_MOST_S = 12.0
log = structlog.get_logger(__name__)


@dataclass
class Audience:
    """after_past: what is to be done once there is a past, such as summing it up."""

    open_api: Callable[[], Api]
    town: Town
    pace: Pace
    switch: Switch
    notice: Notice
    rng: random.Random
    stopped: threading.Event
    after_past: Callable[[], None] = lambda: None
    # None: filled, or not looked for yet.
    _missing_past: timedelta | None = None
    _began_s: float = field(default_factory=time.monotonic)
    _beat_s: float = float("-inf")

    def run(self) -> None:
        """Until `stopped`; off and on again as the switch says."""
        # Before it says that it is at work: then nothing would be missing.
        self._missing_past = gap(self.notice.last_at_work(), datetime.now(UTC))
        try:
            while not self.stopped.is_set():
                if self.switch.wanted():
                    self._look_on()
                else:
                    self._rest()
        finally:
            self.notice.end()

    def _look_on(self) -> None:
        try:
            with self._connected() as api:
                self._fill_past(api)
                somebody: Person | None = None
                while self._goes_on():
                    somebody = self._next(api, somebody)
                    send(api, [look(api, somebody, self.town, self.rng)])
                    self._wait(self.pace.until_next_s(time.monotonic() - self._began_s))
        except (Unreachable, Refused) as error:
            asked_for_s = error.wait_s if isinstance(error, Unreachable) else 0.0
            pause_s = self.pace.after_failure_s(asked_for_s)
            log.info("the audience waits", seconds=pause_s, reason=str(error))
            self._wait(pause_s)

    @contextmanager
    def _connected(self) -> Iterator[Api]:
        api = self.open_api()
        try:
            yield api
        finally:
            api.close()

    def _fill_past(self, api: Api) -> None:
        missing = self._missing_past
        if missing is None:
            return
        made = fill(
            api,
            self.town,
            self.rng,
            missing=missing,
            now=datetime.now(UTC),
            at_most_s=_PAST_AT_MOST_S,
            wanted=self._goes_on,
        )
        self._missing_past = None
        self._began_s = time.monotonic()
        if made:
            log.info("the audience has a past", looks=made, hours=missing.total_seconds() / 3600)
        self.after_past()

    def _next(self, api: Api, last: Person | None) -> Person:
        if last and self.rng.random() < _STAYS:
            return last
        newcomers = sum(person.external_id.startswith(MARK) for person in self.town.people)
        if newcomers < MOST_NEWCOMERS and self.rng.random() < 1 / _NEWCOMER_EVERY:
            newcomer = arrive(api, self.rng)
            if newcomer is not None:
                self.town.people.append(newcomer)
                return newcomer
        return self.town.somebody(self.rng)

    def _rest(self) -> None:
        """Off; switched on again it is as lively as at first."""
        self.notice.end()
        self._beat_s = float("-inf")
        while not (self.stopped.is_set() or self.switch.wanted()):
            self.stopped.wait(_LOOKS_AROUND_EVERY_S)
        self._began_s = time.monotonic()

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._goes_on() and (left := until - time.monotonic()) > 0:
            self.stopped.wait(min(left, _LOOKS_AROUND_EVERY_S))

    def _goes_on(self) -> bool:
        going_on = not self.stopped.is_set() and self.switch.wanted()
        if going_on:
            self._beat()
        return going_on

    def _beat(self) -> None:
        if time.monotonic() - self._beat_s >= BEAT_S:
            self.notice.beat()
            self._beat_s = time.monotonic()
