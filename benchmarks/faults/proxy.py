"""A proxy between the product and one of its servers, both on unix sockets, that delays, resets, swallows or lies."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path
from typing import Any

_AT_ONCE = 65_536


class Manner(Enum):
    """How bytes pass."""

    PLAIN = auto()
    LATE = auto()  # what the server says comes `delay_s` later
    RESET = auto()  # connections end, and new ones end at once
    HELD = auto()  # nothing passes, nothing ends; once healed, what was held goes on, as after lost packets
    GARBAGE = auto()  # instead of what the server says


class Proxy:
    """Listens at `path` in a thread of its own until `close`; what connects is connected to `upstream`."""

    def __init__(self, path: Path, upstream: Path) -> None:
        self._path, self._upstream = path, upstream
        self._manner, self._delay_s = Manner.PLAIN, 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._changed = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._in_loop(asyncio.start_unix_server(self._connected, path))

    @contextmanager
    def passing(self, manner: Manner, *, delay_s: float = 0.0) -> Iterator[None]:
        """In that manner within the block."""
        self._in_loop(self._change(manner, delay_s))
        try:
            yield
        finally:
            self._in_loop(self._change(Manner.PLAIN, 0.0))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _in_loop(self, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _change(self, manner: Manner, delay_s: float) -> None:
        self._manner, self._delay_s = manner, delay_s
        self._changed.set()
        self._changed = asyncio.Event()
        if manner is Manner.RESET:
            for writer in list(self._writers):
                writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._manner is Manner.RESET:
            writer.transport.abort()
            return
        try:
            from_server, to_server = await asyncio.open_unix_connection(self._upstream)
        except OSError:
            writer.close()
            return
        both = {writer, to_server}
        self._writers |= both
        try:
            await asyncio.gather(
                self._pump(reader, to_server, lies=False), self._pump(from_server, writer, lies=True)
            )
        finally:
            self._writers -= both

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, lies: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(_AT_ONCE):
                while self._manner is Manner.HELD:
                    await self._changed.wait()
                if lies and self._manner is Manner.LATE:
                    await asyncio.sleep(self._delay_s)
                if lies and self._manner is Manner.GARBAGE:
                    data = os.urandom(len(data))
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()
