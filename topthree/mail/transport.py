"""How mail leaves: what every transport promises, whatever it is made of."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from topthree.domain.delivery import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Whom the relay is told the message is from and for (RFC 5321), whatever its headers say."""

    sender: str
    recipient: str


class Phase(StrEnum):
    """How far a conversation with the relay had come; the value completes "the relay … "."""

    CONNECT = "could not be reached"
    GREETING = "did not greet us"
    TLS = "could not be talked to in private"
    SIGN_IN = "did not let us sign in"
    SENDER = "did not take the sender"
    RECIPIENT = "broke off at the recipient"
    DATA = "broke off before the message"
    BODY = "broke off during the message"


class RelayUnavailable(Exception):
    """The relay did not take the message, and it says nothing about the recipient.

    The connection is of no use any more; the delivery stays as it was, to be tried on a new one.
    """

    def __init__(self, phase: Phase, *, code: int = 0, reply: str = "") -> None:
        said = " ".join(part for part in (str(code) if code else "", reply) if part)
        super().__init__(f"The mail relay {phase}{f': {said}' if said else '.'}")
        self.phase = phase
        #: SMTP reply code, 0 where there was none.
        self.code = code
        self.reply = reply


class Connection(Protocol):
    """An open way out, for one thread, for any number of messages one after the other."""

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        """Hand over one finished message and say how it ended.

        :raises RelayUnavailable: if the message was not taken and a new connection is needed.
        """
        ...

    def close(self) -> None:
        """Part from the relay; never raises, and may be called twice."""
        ...


class Transport(Protocol):
    """A way out that can be opened as often as wanted, from any thread."""

    def connect(self) -> AbstractContextManager[Connection]:
        """Open a connection that closes itself at the end of the block.

        :raises RelayUnavailable: if there is nobody to talk to, or not safely.
        """
        ...
