"""A way for connections between machines that share nothing but a folder: sockets in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tests.support.network import LOOPBACK

_Connect = Callable[[Callable[[], asyncio.Protocol]], Coroutine[Any, Any, object]]


def socket_of(folder: Path, port: int) -> Path:
    """Return where connections to this port pass through the folder."""
    return folder / str(port)


async def let_out(folder: Path, port: int) -> asyncio.Server:
    """Take connections to the port, on the machine that lacks it, into the folder."""
    loop = asyncio.get_running_loop()
    path = str(socket_of(folder, port))
    return await loop.create_server(
        lambda: _End(lambda make: loop.create_unix_connection(make, path)), LOOPBACK, port
    )


async def let_in(folder: Path, port: int) -> asyncio.Server:
    """Take connections from the folder to the port, on the machine that has it."""
    loop = asyncio.get_running_loop()
    path = str(socket_of(folder, port))
    return await loop.create_unix_server(
        lambda: _End(lambda make: loop.create_connection(make, LOOPBACK, port)), path
    )


class _End(asyncio.Protocol):
    """One end of a connection; what comes in here goes out at the other."""

    def __init__(self, connect: _Connect | None = None, other: _End | None = None) -> None:
        self._connect = connect
        self._other = other
        self._early: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._joining: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._connect is not None:
            self._joining = asyncio.ensure_future(self._join(self._connect))

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
        else:
            self._other.send(data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._other is not None:
            self._other.close()

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def _join(self, connect: _Connect) -> None:
        other = _End(other=self)
        try:
            await connect(lambda: other)
        except OSError:
            self.close()
            return
        self._other = other
        for data in self._early:
            other.send(data)
        if self._transport is None or self._transport.is_closing():
            other.close()
