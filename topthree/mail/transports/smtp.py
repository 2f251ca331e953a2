"""Mail through an SMTP relay, one conversation for many messages."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from topthree.domain.delivery import Outcome, Verdict
from topthree.mail.transport import Envelope, Phase, RelayUnavailable
from topthree.mail.transports.relay_url import SmtpRelay
from topthree.mail.transports.smtp_opening import (
    is_success,
    open_conversation,
    readable,
    said,
)

_GO_AHEAD = 354
_CLOSING = 421
_VERDICTS = {2: Verdict.ACCEPTED, 4: Verdict.DEFERRED, 5: Verdict.REFUSED}
# What fits between the angle brackets of a command without SMTPUTF8 (RFC 5321 §4.1.2).
_SENDABLE = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTransport:
    """Opens conversations with one relay."""

    relay: SmtpRelay

    @contextmanager
    def connect(self) -> Iterator[SmtpConnection]:
        """Greet the relay in private and sign in; say goodbye at the end of the block.

        :raises RelayUnavailable: if any of it fails.
        """
        connection = SmtpConnection(open_conversation(self.relay), self.relay)
        try:
            yield connection
        finally:
            connection.close()


class SmtpConnection:
    """A conversation under way; it is over with the first thing that goes wrong in it."""

    def __init__(self, smtp: smtplib.SMTP, relay: SmtpRelay) -> None:
        self._smtp = smtp
        self._relay = relay
        self._is_open = True

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        """Hand over one message, whose lines end in CRLF; nothing in it is changed.

        :raises RelayUnavailable: if the relay did not take it, for a reason of its own.
        """
        if not _SENDABLE.fullmatch(envelope.recipient):
            reply = "The address cannot be written in an SMTP command."
            return Outcome(verdict=Verdict.REFUSED, code=0, reply=reply)
        code, reply = self._ask(f"MAIL FROM:<{envelope.sender}>", Phase.SENDER)
        if not is_success(code):
            raise self._broken_off(Phase.SENDER, code, reply)
        code, reply = self._ask(f"RCPT TO:<{envelope.recipient}>", Phase.RECIPIENT)
        if not is_success(code):
            return self._not_taken(Phase.RECIPIENT, code, reply)
        code, reply = self._ask("DATA", Phase.DATA)
        if code != _GO_AHEAD:
            return self._not_taken(Phase.DATA, code, reply)
        self._hand_over(message)
        return self._end()

    def close(self) -> None:
        """Say goodbye if the conversation still goes on; whether it is heard does not matter."""
        if self._is_open:
            with suppress(OSError):
                self._smtp.docmd("QUIT")
        self._drop()

    def _hand_over(self, message: bytes) -> None:
        sock = self._socket()
        try:
            # If this raises, the last bytes did not leave, and the dot is among them.
            sock.sendall(with_final_dot(message))
        except OSError as error:
            raise self._broken_off(Phase.BODY, 0, said(error)) from error
        sock.settimeout(self._relay.final_dot_timeout_seconds)

    def _end(self) -> Outcome:
        """Return what the relay answers to the final dot, or that it does not."""
        try:
            code, reply = self._smtp.getreply()
            self._socket().settimeout(self._relay.timeout_seconds)
        except OSError as error:
            self._drop()
            unheard = f"No answer to the final dot. {said(error)}"
            return Outcome(verdict=Verdict.UNKNOWN, code=0, reply=unheard)
        verdict = _VERDICTS.get(code // 100, Verdict.UNKNOWN)
        if verdict is Verdict.UNKNOWN or code == _CLOSING:
            self._drop()
        return Outcome(verdict=verdict, code=max(code, 0), reply=readable(reply))

    def _not_taken(self, phase: Phase, code: int, reply: str) -> Outcome:
        """Return what the relay said about this recipient, and make way for the next one."""
        verdict = _VERDICTS.get(code // 100)
        if verdict not in {Verdict.DEFERRED, Verdict.REFUSED}:
            raise self._broken_off(phase, code, reply)
        # It holds even if the conversation cannot go on; then the next message finds that out.
        with suppress(RelayUnavailable):
            self._ask("RSET", phase)
        return Outcome(verdict=verdict, code=code, reply=reply)

    def _ask(self, command: str, phase: Phase) -> tuple[int, str]:
        try:
            code, reply = self._smtp.docmd(command)
        except OSError as error:
            raise self._broken_off(phase, 0, said(error)) from error
        if code == _CLOSING:
            raise self._broken_off(phase, code, readable(reply))
        return code, readable(reply)

    def _socket(self) -> socket.socket:
        if self._smtp.sock is None:
            raise smtplib.SMTPServerDisconnected("The conversation is over.")
        return self._smtp.sock

    def _broken_off(self, phase: Phase, code: int, reply: str) -> RelayUnavailable:
        self._drop()
        return RelayUnavailable(phase, code=max(code, 0), reply=reply)

    def _drop(self) -> None:
        self._is_open = False
        self._smtp.close()


def with_final_dot(message: bytes) -> bytes:
    """Return the message as DATA takes it (RFC 5321 §4.5.2), with the dot that ends it."""
    if b"\r\n." in message:
        message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")
