"""What is written to a relay: the commands that open a message, and its text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from topthree.mail.transport import Mail

RESET = b"RSET\r\n"
LONE_DOT = b".\r\n"
# What fits between the angle brackets of a command without SMTPUTF8 (RFC 5321 §4.1.2).
_SENDABLE = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+@[A-Za-z0-9.-]+")


class Unwritable(Exception):
    """The message cannot be handed to this relay, which has not heard a word of it."""


class UnwritableSender(Unwritable):
    """It is not the recipient's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What the relay takes beyond what every relay does."""

    #: Several commands at a time (RFC 2920).
    pipelining: bool = False
    #: Messages that are not 7-bit (RFC 6152).
    eight_bit: bool = False


def opening(mail: Mail, offers: Offers) -> bytes:
    """Return the three commands before the text.

    :raises Unwritable: if they cannot say what has to be said.
    """
    sender, recipient = mail.envelope.sender, mail.envelope.recipient
    if not _SENDABLE.fullmatch(recipient):
        raise Unwritable("The address cannot be written in an SMTP command.")
    # Nobody at all is a sender, too: of what must not be answered (RFC 5321 §4.5.5).
    if sender and not _SENDABLE.fullmatch(sender):
        raise UnwritableSender("The sender's address cannot be written in an SMTP command.")
    width = ""
    if not mail.message.isascii():
        if not offers.eight_bit:
            raise Unwritable("The message is not 7-bit, and the relay takes no other (8BITMIME).")
        width = " BODY=8BITMIME"
    return f"MAIL FROM:<{sender}>{width}\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode("ascii")


def as_data(mail: Mail) -> tuple[bytes, bytes]:
    """Return the message as DATA takes it (RFC 5321 §4.5.2), and the dot that ends it."""
    message = mail.message
    # From the right it takes half the time: "\r" is rarer than ".".
    if not mail.is_dotless and message.rfind(b"\r\n.") >= 0:
        message = message.replace(b"\r\n.", b"\r\n..")
    if message.startswith(b"."):
        message = b"." + message
    return message, (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")
