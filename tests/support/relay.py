"""A real SMTP server that keeps what it accepts, and misbehaves exactly as a test tells it to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.faults import Fault, Phase, Script
from tests.support.journal import Accepted, Journal
from tests.support.network import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a client must bring: the relay's certificate makes it offer STARTTLS, a login AUTH."""

    certificate: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None


class Relay:
    """The server, in a thread of its own on a loopback port; use it in a ``with`` statement.

    Stopping and starting again keeps the port, the script and the journal, so that a test can
    make a relay go away and come back. `keep` reduces each message to what the test needs.
    """

    def __init__(
        self, *, access: Access | None = None, keep: Callable[[bytes], bytes] = bytes
    ) -> None:
        self._access = access or Access()
        self._journal = Journal(keep)
        self._script = Script()
        self._port = 0
        self._connections: list[_Conversation] = []
        self._is_serving = threading.Event()
        self._running: tuple[asyncio.AbstractEventLoop, threading.Thread] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def host(self) -> str:
        return LOOPBACK

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        """The address as TOPTHREE_SMTP_URL takes it, without encryption or login."""
        return f"smtp+plain://{LOOPBACK}:{self._port}"

    @property
    def accepted(self) -> Sequence[Accepted]:
        return self._journal.all()

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    def sent_to(self, address: str) -> Sequence[Accepted]:
        return [message for message in self.accepted if address in message.recipients]

    def wait_for(self, count: int, *, timeout_seconds: float = 30) -> Sequence[Accepted]:
        """Return everything accepted as soon as it is at least `count` messages."""
        return self._journal.wait_for(count, timeout_seconds)

    def add_fault(self, fault: Fault) -> None:
        self._script.add(fault)

    def behave(self) -> None:
        """Forget every fault."""
        self._script.clear()

    def start(self) -> None:
        listener = socket.create_server((LOOPBACK, self._port))
        self._port = listener.getsockname()[1]
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._serve, args=(loop, listener), name="relay")
        self._running = (loop, thread)
        self._is_serving.clear()
        thread.start()
        self._is_serving.wait()

    def stop(self) -> None:
        """Cut every connection and stop listening, as a machine does that loses power."""
        if self._running is None:
            return
        loop, thread = self._running
        self._running = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def _serve(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(self._converse, sock=listener))
        self._is_serving.set()
        loop.run_forever()
        server.close()
        for connection in self._connections:
            connection.cut()
        loop.run_until_complete(_cancel_all_tasks())
        loop.run_until_complete(server.wait_closed())
        loop.close()

    def _converse(self) -> _Conversation:
        number = len(self._connections) + 1
        hooks = _Hooks(self._script, self._journal, connection=number)
        conversation = _Conversation(hooks, access=self._access, script=self._script)
        self._connections.append(conversation)
        return conversation


class _Conversation(SMTP):
    """aiosmtpd's side of one connection, with the one phase it has no hook for."""

    def __init__(self, hooks: _Hooks, *, access: Access, script: Script) -> None:
        super().__init__(
            hooks,
            enable_SMTPUTF8=True,
            tls_context=access.certificate,
            require_starttls=access.certificate is not None,
            authenticator=_authenticator(access.login) if access.login else None,
            auth_required=access.login is not None,
            auth_require_tls=access.certificate is not None,
            hostname="relay.example",
        )
        self._script = script

    def cut(self) -> None:
        _abort(self)

    async def smtp_DATA(self, arg: str) -> None:
        recipients = self.envelope.rcpt_tos if self.envelope else []
        fault = self._script.take(Phase.DATA, [address for address in recipients if address])
        if fault is None:
            await super().smtp_DATA(arg)
            return
        await asyncio.sleep(fault.delay_seconds)
        if fault.drop:
            await self.push("354 Go ahead")
            _drop(self)
        if fault.refuse:
            await self.push(fault.refuse)
        else:
            await super().smtp_DATA(arg)


class _Hooks:
    """What aiosmtpd asks at each step; each answer is the reply to send."""

    def __init__(self, script: Script, journal: Journal, *, connection: int) -> None:
        self._script = script
        self._journal = journal
        self._connection = connection

    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        refusal = await self._meet(server, Phase.MAIL, [])
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 OK"

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        refusal = await self._meet(server, Phase.RCPT, [address])
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        recipients = [address for address in envelope.rcpt_tos if address]
        fault = self._script.take(Phase.FINAL_DOT, recipients)
        if fault is not None:
            await asyncio.sleep(fault.delay_seconds)
            if fault.refuse:
                return fault.refuse
        self._journal.add(session, envelope, self._connection)
        if fault is not None and fault.drop:
            _drop(server)
        return "250 2.0.0 OK: queued"

    async def _meet(self, server: SMTP, phase: Phase, recipients: Sequence[str]) -> str | None:
        fault = self._script.take(phase, recipients)
        if fault is None:
            return None
        await asyncio.sleep(fault.delay_seconds)
        if fault.drop:
            _drop(server)
        return fault.refuse


def _abort(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport) and not server.transport.is_closing():
        server.transport.abort()


def _drop(server: SMTP) -> None:
    _abort(server)
    # The conversation ends here, the way aiosmtpd ends one whose client has gone.
    raise asyncio.CancelledError


def _authenticator(expected: tuple[str, str]) -> Callable[..., AuthResult]:
    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        # `handled=False` lets aiosmtpd send the 535 itself.
        return AuthResult(success=given == expected, handled=False, auth_data=data)

    return authenticate


async def _cancel_all_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
