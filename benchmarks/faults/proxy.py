"""A small TCP proxy before a server's Unix socket, which can be told to misbehave."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

_PIECE = 64 * 1024
_THROTTLED_PER_S = 8 * 1024


class Mode(Enum):
    """What becomes of bytes. Slow, throttle and lie touch what the server says, once per piece of up to 64 KB."""

    FINE = "fine"
    SLOW = "slow"  # 200 ms later
    THROTTLE = "throttle"  # 8 KB a second
    BLACK_HOLE = "black hole"  # taken, never passed on; new connections are accepted too
    HALF_OPEN = "half-open"  # requests arrive, answers don't
    RESET = "reset"  # who is connected is reset, and so is whoever connects
    LIE = "lie"  # random bytes instead of the server's


class Proxy:
    """Listens on a free port of this machine, in a thread of its own, until `close`."""

    def __init__(self, upstream: Path) -> None:
        self._upstream = str(upstream)
        self._loop = asyncio.new_event_loop()
        self._mode = Mode.FINE
        self._writers: set[asyncio.StreamWriter] = set()
        self._random = random.Random(7)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port: int = self._call(self._listen())

    def be(self, mode: Mode) -> None:
        """From now on, for connections that are open too. Back to FINE, those that lost bytes are closed."""
        self._call(self._be(mode))

    def close(self) -> None:
        self._call(self._close_all(abort=True))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_PIECE)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _be(self, mode: Mode) -> None:
        lossy = {Mode.BLACK_HOLE, Mode.HALF_OPEN, Mode.LIE}
        before, self._mode = self._mode, mode
        if mode is Mode.RESET or (mode is Mode.FINE and before in lossy):
            await self._close_all(abort=True)

    async def _close_all(self, *, abort: bool) -> None:
        for writer in list(self._writers):
            if abort:
                _reset_on_close(writer)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.RESET:
            _reset_on_close(writer)
            writer.close()
            return
        self._writers.add(writer)
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(self._upstream)
        except OSError:
            # The server is away: a refusal, as it would be without us.
            self._writers.discard(writer)
            _reset_on_close(writer)
            writer.transport.abort()
            return
        both = [
            asyncio.ensure_future(self._pass_on(reader, up_writer, answers=False)),
            asyncio.ensure_future(self._pass_on(up_reader, writer, answers=True)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in both:
            one.cancel()
        self._writers.discard(writer)
        for end in (writer, up_writer):
            with suppress(OSError):
                end.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                mode = self._mode
                if mode is Mode.BLACK_HOLE or (mode is Mode.HALF_OPEN and answers):
                    continue
                if answers and mode is Mode.SLOW:
                    await asyncio.sleep(0.2)
                if answers and mode is Mode.THROTTLE:
                    await asyncio.sleep(len(piece) / _THROTTLED_PER_S)
                writer.write(self._random.randbytes(len(piece)) if answers and mode is Mode.LIE else piece)
                await writer.drain()


def _reset_on_close(writer: asyncio.StreamWriter) -> None:
    """RST instead of FIN."""
    end: socket.socket | None = writer.get_extra_info("socket")
    if end is not None:
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
