"""A fast SMTP server for many messages: keeps of each only who got it and what tells it apart."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from tests.support.faults import Fault, Phase, Script
from tests.support.network import LOOPBACK

_UNSUBSCRIBE = re.compile(rb"^List-Unsubscribe: <([^>]+)>", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.MULTILINE)
_NOBODY = b"554 5.5.1 no valid recipients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One accepted message."""

    recipient: str
    message_id: str
    unsubscribe_url: str
    #: Empty unless the sink keeps whole messages.
    content: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a sink behaves, to everyone."""

    pipelining: bool = False
    #: Answers 354 to DATA although no recipient was accepted, as RFC 2920 §3.1 allows.
    hasty: bool = False
    keeps_content: bool = False


class Sink:
    """Accepts everything it is not told to refuse; the journal is written before the answer.

    It runs in a thread of its own. Of a fault it knows everything but the delay. One at MAIL FROM
    is found by the sender's address; one that drops at DATA answers 354 and cuts when the first
    of the text comes; one that drops at the final dot keeps the message and cuts before the reply.
    """

    def __init__(self, manner: Manner | None = None) -> None:
        self.accepted: list[Kept] = []
        self.port = 0
        self._conversations: list[_Conversation] = []
        self.script = Script()
        self._manner = manner or Manner()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sink")

    @property
    def url(self) -> str:
        return f"smtp+plain://{LOOPBACK}:{self.port}"

    def add_fault(self, fault: Fault) -> None:
        self.script.add(fault)

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
            self._loop.create_server(self._converse, LOOPBACK, 0)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for conversation in self._conversations:
            conversation.cut()
        # One more round, in which what was cut is closed.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _converse(self) -> _Conversation:
        conversation = _Conversation(self.accepted, self.script, self._manner)
        self._conversations.append(conversation)
        return conversation


class _Conversation(asyncio.Protocol):
    def __init__(self, accepted: list[Kept], script: Script, manner: Manner) -> None:
        self._accepted = accepted
        self._script = script
        self._manner = manner
        self._waiting = b""
        self._replies: list[bytes] = []
        self._sender: str | None = None
        self._recipient = ""
        self._in_message = False
        self._drops_text = False
        self._is_cut = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._replies.append(b"220 sink ready")
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while not self._is_cut and self._take():
            pass
        self._flush()

    def cut(self) -> None:
        """Go away as a machine does that loses power."""
        self._flush()
        self._is_cut = True
        if self._transport is not None:
            self._transport.abort()

    def _take(self) -> bool:
        if self._drops_text and self._waiting:
            self.cut()
            return False
        if self._in_message and self._waiting.startswith(b".\r\n"):
            self._waiting = b"\r\n" + self._waiting
        end = b"\r\n.\r\n" if self._in_message else b"\r\n"
        taken, found, rest = self._waiting.partition(end)
        if not found:
            return False
        self._waiting = rest
        if self._in_message:
            self._end(taken + b"\r\n")
        else:
            self._obey(taken)
        return True

    def _obey(self, command: bytes) -> None:
        verb = command[:4].upper()
        address = command.partition(b"<")[2].partition(b">")[0].decode()
        if verb == b"MAIL":
            self._mail(address)
        elif verb == b"RCPT":
            self._rcpt(address)
        elif verb == b"DATA":
            self._data()
        else:
            self._other(verb)

    def _mail(self, address: str) -> None:
        if self._sender is not None:
            self._replies.append(b"503 5.5.1 nested MAIL command")
        elif self._is_welcome(Phase.MAIL, address):
            self._sender = address
            self._replies.append(b"250 ok")

    def _rcpt(self, address: str) -> None:
        if self._sender is None:
            self._replies.append(b"503 5.5.1 need MAIL command")
        elif self._is_welcome(Phase.RCPT, address):
            self._recipient = address
            self._replies.append(b"250 ok")

    def _data(self) -> None:
        fault = self._script.take(Phase.DATA, [self._recipient])
        if not self._recipient and not self._manner.hasty:
            self._replies.append(_NOBODY)
        elif fault is not None and fault.refuse:
            self._refuse(fault.refuse)
        else:
            self._in_message = True
            self._drops_text = fault is not None and fault.drop
            self._replies.append(b"354 go on")

    def _other(self, verb: bytes) -> None:
        if verb in {b"EHLO", b"RSET"}:
            self._forget()
        offers = verb == b"EHLO" and self._manner.pipelining
        kind = b"250-sink\r\n250 PIPELINING" if offers else b"250 ok"
        self._replies.append(b"221 goodbye" if verb == b"QUIT" else kind)
        if verb == b"QUIT":
            self._hang_up()

    def _end(self, message: bytes) -> None:
        recipient = self._recipient
        self._forget()
        if not recipient:
            self._replies.append(_NOBODY)
            return
        fault = self._script.take(Phase.FINAL_DOT, [recipient])
        if fault is not None and fault.refuse:
            self._refuse(fault.refuse)
            return
        self._keep(recipient, message)
        if fault is not None and fault.drop:
            self.cut()
        else:
            self._replies.append(b"250 kept")

    def _keep(self, recipient: str, message: bytes) -> None:
        head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
        unsubscribe, message_id = _UNSUBSCRIBE.search(head), _MESSAGE_ID.search(head)
        kept = Kept(
            recipient=recipient,
            message_id=message_id[1].decode() if message_id else "",
            unsubscribe_url=unsubscribe[1].decode() if unsubscribe else "",
        )
        if self._manner.keeps_content:
            content = (b"\r\n" + message).replace(b"\r\n..", b"\r\n.")[2:]
            kept = replace(kept, content=content)
        self._accepted.append(kept)

    def _is_welcome(self, phase: Phase, address: str) -> bool:
        fault = self._script.take(phase, [address])
        if fault is not None and fault.refuse:
            self._refuse(fault.refuse)
        elif fault is not None and fault.drop:
            self.cut()
        return fault is None

    def _refuse(self, reply: str) -> None:
        self._replies.append(reply.encode())
        if reply.startswith("421"):
            self._hang_up()

    def _hang_up(self) -> None:
        self._flush()
        self._is_cut = True
        if self._transport is not None:
            self._transport.close()

    def _forget(self) -> None:
        self._sender = None
        self._recipient = ""
        self._in_message = self._drops_text = False

    def _flush(self) -> None:
        if self._transport is not None and self._replies:
            self._transport.write(b"\r\n".join(self._replies) + b"\r\n")
            self._replies.clear()
