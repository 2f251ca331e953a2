"""What a message that came in says: a bounce, a complaint, an automatic answer, or a letter.

It was written by strangers, so nothing in it counts but what we can recognise as our own, and
whatever cannot be understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, Parser
from enum import StrEnum

from topthree.domain.sending.feedback import IS_COMPLAINT, IS_LOST, Failure

#: The parts of a report come first and what it returns last, which need not be whole.
MOST_BYTES = 256 * 1024

_MOST_PARTS = 50
_MOST_DEPTH = 5
_MOST_CLUES = 50
_LONGEST_FIELD = 2_000
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")
_BRACKETED = re.compile(r"<([^<>\s]{1,1000})>")
# Where those who deliver mail write down to whom it came, then what its sender wrote.
_RECIPIENT_FIELDS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
# In a report about feedback and in what it returns: under which sender our message travelled.
_SENDER_FIELDS = ("Original-Mail-From", "Return-Path")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/rfc822-headers",
)
# https://cr.yp.to/proto/qsbmf.txt: a bounce of qmail has no parts, and begins so.
_QSBMF = re.compile(r"\s*Hi\. This is the .{0,500}?\n\n", re.DOTALL)
_QSBMF_RECIPIENT = re.compile(r"<[^<>\n]{1,320}>:\n((?:(?!\n\n).){0,2000})", re.DOTALL)
_QSBMF_COPY = re.compile(r"\n--- Below this line is a copy")
_SAID_STATUS = re.compile(r"#?([45]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_SAID_REPLY = re.compile(r"\b([45][0-9]{2}[ -].{0,500})", re.DOTALL)


class Nature(StrEnum):
    """What kind of message came in."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    #: Written by a program, and no report: an absence, a receipt, a doubt.
    AUTOMATIC = "automatic"
    LETTER = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message that came in, as far as it concerns us."""

    nature: Nature
    #: To which recipients a message is lost; only of a bounce.
    failures: tuple[Failure, ...] = ()
    #: To which addresses it came.
    recipients: tuple[str, ...] = ()
    #: Under which senders the message travelled that it is about.
    senders: tuple[str, ...] = ()
    #: From List-Unsubscribe of the message that it returns.
    links: tuple[str, ...] = ()
    #: The Message-IDs of the messages that it is about.
    message_ids: tuple[str, ...] = ()
    #: Whom those were for; says something only together with the Message-ID.
    addressees: tuple[str, ...] = ()
    #: Who says to have written it.
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that a provider reports."""

    #: The same if it is reported once more, and different for anything else.
    id: str
    said: Incoming


def read_incoming(raw: bytes) -> Incoming:
    """Say what the message is, whatever its bytes are; what lies beyond the limit is not read."""
    try:
        return _read(BytesParser().parsebytes(raw[:MOST_BYTES]))
    except Exception:  # noqa: BLE001 - whatever a parser stumbles over is nothing that we act on
        return Incoming(nature=Nature.AUTOMATIC)


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the addresses that stand in the fields of a message."""
    return _found(_ADDRESS, text)


def message_id_in(text: str) -> str:
    """Return the Message-ID in its angle brackets, with which some write it and others do not."""
    return f"<{text.strip().strip('<>')}>"


def links_in(text: str) -> tuple[str, ...]:
    """Return what List-Unsubscribe has between its brackets."""
    return _found(_BRACKETED, text)


def _read(message: Message) -> Incoming:
    parts = list(_parts(message, 0))
    returned = [_returned(part) for part in parts if part.get_content_type() in _RETURNED]
    feedback = [
        block
        for part in parts
        if part.get_content_type() == "message/feedback-report"
        for block in _blocks(part)
    ]
    senders = (_fields(each, _SENDER_FIELDS) for each in (*feedback, *returned))
    links = (_field(each, "List-Unsubscribe") for each in returned)
    addressees = (_field(each, "To") for each in returned)
    nature, failures = _nature(message, parts, feedback)
    return Incoming(
        nature=nature,
        failures=failures,
        recipients=addresses_in(_fields(message, _RECIPIENT_FIELDS)),
        senders=addresses_in(" ".join(senders)),
        links=links_in(" ".join(links)),
        message_ids=tuple(message_id_in(_field(each, "Message-ID")) for each in returned),
        addressees=addresses_in(" ".join(addressees)),
        authors=addresses_in(_field(message, "From").lower()),
    )


def _nature(
    message: Message, parts: list[Message], feedback: list[Message]
) -> tuple[Nature, tuple[Failure, ...]]:
    if any(IS_COMPLAINT.get(_field(each, "Feedback-Type").lower()) for each in feedback):
        return Nature.COMPLAINT, ()
    reports = [part for part in parts if part.get_content_type() in _REPORTS]
    if reports:
        return Nature.BOUNCE, tuple(_failures(reports))
    if failures := tuple(_qmail_failures(message)):
        return Nature.BOUNCE, failures
    is_automatic = bool(feedback) or _is_automatic(message)
    return Nature.AUTOMATIC if is_automatic else Nature.LETTER, ()


def _is_automatic(message: Message) -> bool:
    """Tell whether nobody meant to write this (RFC 3834, and what stood in its place before).

    A mail program that asks to leave in somebody's name may call that generated; it is meant.
    """
    return (
        message.get_content_type() == "multipart/report"
        or _field(message, "Return-Path") == "<>"
        or _field(message, "Auto-Submitted").lower().startswith("auto-replied")
        or any(_field(message, name) for name in ("X-Autoreply", "X-Autorespond"))
        or _field(message, "Precedence").lower() == "auto_reply"
    )


def _failures(reports: list[Message]) -> Iterator[Failure]:
    for report in reports:
        for block in _blocks(report):
            if IS_LOST.get(_field(block, "Action").lower()):
                status = _SAID_STATUS.match(_field(block, "Status"))
                yield Failure(
                    status=status[1] if status else "",
                    diagnostic=_field(block, "Diagnostic-Code"),
                )


def _qmail_failures(message: Message) -> Iterator[Failure]:
    if message.is_multipart() or message.get_content_type() != "text/plain":
        return
    text = _text(message).replace("\r\n", "\n")
    begins = _QSBMF.match(text)
    if begins is None:
        return
    copy = _QSBMF_COPY.search(text)
    told = text[begins.end() : copy.start() if copy else len(text)]
    for words in _QSBMF_RECIPIENT.findall(told):
        reply, status = _SAID_REPLY.search(words), _SAID_STATUS.search(words)
        yield Failure(
            status=status[1] if status else "",
            diagnostic=" ".join((reply[1] if reply else words).split()),
        )


def _parts(message: Message, depth: int) -> Iterator[Message]:
    """Yield the message and its parts, but not the parts of messages within it."""
    yield message
    payload = message.get_payload()
    if not isinstance(payload, list) or message.get_content_maintype() != "multipart":
        return
    if depth < _MOST_DEPTH:
        for part in payload[:_MOST_PARTS]:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _blocks(part: Message) -> Iterator[Message]:
    """Yield the groups of fields of a report, however the parser has cut them."""
    payload = part.get_payload()
    for block in payload[:_MOST_PARTS] if isinstance(payload, list) else ():
        if isinstance(block, Message):
            yield block
            rest = block.get_payload()
            for text in rest.split("\n\n")[:_MOST_PARTS] if isinstance(rest, str) else ():
                yield Parser().parsestr(text.strip(), headersonly=True)


def _returned(part: Message) -> Message:
    """Return the head of our message that a report brings back."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return Parser().parsestr(_text(part).lstrip(), headersonly=True)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", errors="replace") if isinstance(payload, bytes) else ""


def _found(what: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(what.findall(text)[:_MOST_CLUES]))


def _fields(message: Message, names: tuple[str, ...]) -> str:
    return " ".join(_field(message, name) for name in names)


def _field(message: Message, name: str) -> str:
    """Return what all fields of this name say, on one line."""
    values = message.get_all(name, [])
    return " ".join(" ".join(map(str, values)).split())[:_LONGEST_FIELD]
