"""A fast SMTP server for many messages: keeps of each only who got it and what tells it apart."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.support.network import LOOPBACK

_UNSUBSCRIBE = re.compile(rb"^List-Unsubscribe: <([^>]+)>", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One accepted message."""

    recipient: str
    message_id: str
    unsubscribe_url: str


class Sink:
    """Accepts everything, in a thread of its own; the journal is written before the answer."""

    def __init__(self) -> None:
        self.accepted: list[Kept] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sink")

    @property
    def url(self) -> str:
        return f"smtp+plain://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(lambda: _Conversation(self.accepted), LOOPBACK, 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.close()


class _Conversation(asyncio.Protocol):
    def __init__(self, accepted: list[Kept]) -> None:
        self._accepted = accepted
        self._waiting = b""
        self._recipient = ""
        self._in_message = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._answer(b"220 sink ready")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while self._take():
            pass

    def _take(self) -> bool:
        end = b"\r\n.\r\n" if self._in_message else b"\r\n"
        taken, found, rest = self._waiting.partition(end)
        if not found:
            return False
        self._waiting = rest
        if self._in_message:
            self._keep(taken)
        else:
            self._obey(taken)
        return True

    def _obey(self, command: bytes) -> None:
        verb = command[:4].upper()
        if verb == b"RCPT":
            self._recipient = command.partition(b"<")[2].partition(b">")[0].decode()
        self._in_message = verb == b"DATA"
        self._answer({b"DATA": b"354 go on", b"QUIT": b"221 goodbye"}.get(verb, b"250 ok"))
        if verb == b"QUIT" and self._transport is not None:
            self._transport.close()

    def _keep(self, message: bytes) -> None:
        head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
        unsubscribe, message_id = _UNSUBSCRIBE.search(head), _MESSAGE_ID.search(head)
        self._accepted.append(
            Kept(
                recipient=self._recipient,
                message_id=message_id[1].decode() if message_id else "",
                unsubscribe_url=unsubscribe[1].decode() if unsubscribe else "",
            )
        )
        self._in_message = False
        self._answer(b"250 kept")

    def _answer(self, reply: bytes) -> None:
        if self._transport is not None:
            self._transport.write(reply + b"\r\n")
