"""How mail leaves: what every transport promises, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from topthree.domain.sending.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Whom the relay is told the message is from and for (RFC 5321), whatever its headers say."""

    sender: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message on its way to one recipient."""

    envelope: Envelope
    #: Finished, 7-bit, with CRLF at the end of each line.
    message: bytes
    #: Whoever made it knows that no line begins with a dot, so that nobody has to look.
    is_dotless: bool = False


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

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        """Hand over messages one after the other and yield how each ended, in their order.

        A mail is asked for just before its sender is told to the relay, and its text leaves only
        when all outcomes before it were yielded and the caller came back for more. So whoever
        records an outcome before asking for the next has at most one message of unknown fate on
        this connection, and it is the first unrecorded one.

        To stop, let `mails` end, and take the outcomes still due; the connection stays good.
        When `mails` raises, or the caller does not come back, mails without an outcome were not
        taken, and the connection is of no use any more.

        An address that cannot be written down is refused with code 0 and never reaches the relay.
        An unknown outcome is the last: the next mail, if there is one, finds the relay gone.

        :raises RelayUnavailable: if the next mail was not taken and a new connection is needed;
            nothing is said of the mails after it.
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
