"""The door to Valkey: short time-outs, no retries, and a breaker so that a dead server costs nothing.

Everything here can be lost at any moment; whoever reads catches CacheUnavailable and goes on without.
"""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from hiredis import pack_command
from redis.backoff import NoBackoff
from redis.retry import Retry

from retrieval import breakers
from retrieval.breakers import BreakerState
from retrieval.config import config
from retrieval.recording import RECORDING
from retrieval.types import CacheUnavailable

__all__ = [
    "Breaker",
    "CacheUnavailable",
    "GuardedRedis",
    "breaker_state",
    "client",
    "connect",
    "key",
    "patient_client",
    "user_key",
]

_PATIENCE_S = 10.0
_READ_AT_ONCE = 256 * 1024  # a ready answer comes in two or three pieces, not in six
_UNAVAILABLE = (
    redis.ConnectionError,
    redis.TimeoutError,
    redis.ReadOnlyError,  # a replica, while the new primary is being chosen
    redis.OutOfMemoryError,
    redis.InvalidResponse,  # not what Valkey speaks: a broken network, or another server in its place
    OSError,
)
_clients: "dict[int, GuardedRedis]" = {}  # by process id: one must not outlive a fork


class Breaker(breakers.Breaker):
    """Counts Valkey's failures."""

    @contextmanager
    def guard(self, *commands: Any) -> Iterator[None]:
        """Runs the block. Raises CacheUnavailable for Valkey's failures in it, and at once while open.

        commands: their names, for whoever records them; never keys, which name people."""
        recording = RECORDING.get()
        if recording is not None:
            with recording.call("valkey", " ".join(str(name) for name in commands[:8])), self._guarded():
                yield
        else:
            with self._guarded():
                yield

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if not self.admits():
            raise CacheUnavailable("Valkey failed a moment ago; it is asked again shortly.")
        try:
            yield
        except _UNAVAILABLE as error:
            self.failed(str(error))
            raise CacheUnavailable(f"Valkey: {error}") from error
        except redis.ResponseError:
            # A refusal is an answer too: a restarted server knows no scripts, and the caller sends them again.
            self.succeeded()
            raise
        self.succeeded()


class GuardedPipeline(redis.client.Pipeline):
    """A pipeline behind the client's breaker."""

    breaker: Breaker

    def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002  redis-py's signature
        with self.breaker.guard(*(one[0][0] for one in self.command_stack)):
            return super().execute(raise_on_error)

    def immediate_execute_command(self, *args: Any, **options: Any) -> Any:
        with self.breaker.guard(args[0]):
            return super().immediate_execute_command(*args, **options)  # type: ignore[no-untyped-call]


class GuardedRedis(redis.Redis):
    """redis-py's client; each command and pipeline passes the breaker."""

    breaker: Breaker
    _idle: "deque[Any]"

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with self.breaker.guard(args[0]):
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def together(self, *commands: Sequence[str | int | bytes]) -> list[Any]:
        """The answer to each command, all in one round trip and as the server gives it; a refusal is a value too."""
        packed = [b"".join(map(_packed, commands))]
        with self.breaker.guard(*(command[0] for command in commands)):
            while True:
                connection, new = self._taken()
                try:
                    connection.send_packed_command(packed)
                    answers = [_answer(connection) for _ in commands]
                except BaseException as error:
                    connection.disconnect()  # with answers that nobody has read
                    # What had been idle may have been closed meanwhile; what is new says how the server is.
                    if new or not isinstance(error, redis.ConnectionError):
                        raise
                else:
                    self._idle.append(connection)
                    return answers

    def at_once(self, *command: str | int | bytes) -> Any:
        """The answer to one command, as the server gives it, by the short way of `together`. Raises CacheUnavailable,
        and redis.ResponseError for a refusal."""
        [answer] = self.together(command)
        if isinstance(answer, _UNAVAILABLE):
            raise CacheUnavailable(f"Valkey: {answer}")
        if isinstance(answer, redis.ResponseError):
            raise answer
        return answer

    def _taken(self) -> tuple[Any, bool]:
        """(a connection of `together`'s, whether it is new). As many as threads; the pool's book-keeping costs more
        than the rest of a short command."""
        try:
            return self._idle.pop(), False
        except IndexError:
            pool = self.connection_pool
            # Not by the pool: it counts what it makes, hears nothing of what we give up, and refuses for good after a
            # hundred time-outs.
            connection = pool.connection_class(**pool.connection_kwargs)
            connection.connect()
            return connection, True

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> GuardedPipeline:  # noqa: FBT001, FBT002
        pipeline = GuardedPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipeline.breaker = self.breaker
        return pipeline


def client() -> GuardedRedis:
    """This process's client. No call takes longer than the configured time-out per connect or answer; every
    call raises CacheUnavailable where the server is away, at once where that is known. Answers are bytes."""
    pid = os.getpid()
    if pid not in _clients:
        made = connect(config().redis_url, timeout_s=config().redis_timeout_ms / 1000)
        made.breaker = Breaker("cache")
        _clients.setdefault(pid, made)
    return _clients[pid]


def breaker_state() -> BreakerState:
    return client().breaker.state()


def key(*parts: object) -> str:
    """`parts` joined by colons, under this installation's prefix."""
    return config().redis_key_prefix + ":".join(map(str, parts))


def user_key(user: object, *parts: object) -> str:
    """A key in the cluster slot of its user, so that one round trip can use several of them."""
    return key(f"{{u:{user}}}", *parts)


def patient_client() -> GuardedRedis:
    """For scheduled work, whose scripts and batches may take seconds; never for a request."""
    return connect(config().redis_url, timeout_s=_PATIENCE_S)


def connect(url: str, *, timeout_s: float) -> GuardedRedis:
    """A client with a breaker of its own; connects at the first command."""
    # redis-py's defaults retry with pauses, 4.6 s per call on a dead server, and introduce themselves.
    made: GuardedRedis = GuardedRedis.from_url(  # type: ignore[assignment]  # stubs: of the base class
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        retry_on_timeout=False,
        protocol=2,
        driver_info=None,
        socket_read_size=_READ_AT_ONCE,
    )
    made.breaker = Breaker()
    made._idle = deque()
    return made


def _packed(command: Sequence[str | int | bytes]) -> bytes:
    packed: bytes = pack_command(tuple(command))  # type: ignore[arg-type]  # stubs: of one argument
    return packed


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except redis.ResponseError as refusal:
        return refusal
