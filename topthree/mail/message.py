"""The finished RFC 5322 message: built once, then made each recipient's own by splicing."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from topthree.domain.archive.issue_key import IssueKey
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.newsletter import (
    UNSUBSCRIBE_PLACEHOLDER,
    UNSUBSCRIBE_TOKEN_LENGTH,
    Newsletter,
)
from topthree.mail.headers import (
    HeaderRefused,
    date_value,
    list_id_field,
    mailbox_field,
    plain_field,
    text_field,
    uri_field,
)
from topthree.mail.quoted_printable import quoted_printable

#: First part of List-Id; with the sending domain it never changes (RFC 2919 §2).
LIST_LABEL = "top-three"
#: Last part of Feedback-ID: 5 to 15 characters that never change.
FEEDBACK_SENDER = "topthree"

# Characters that stand for themselves in a header, in a URL and in quoted-printable.
_TOKEN = re.compile(rf"[A-Za-z0-9~_-]{{{UNSUBSCRIBE_TOKEN_LENGTH}}}", re.ASCII)
_SOFT_BREAK = b"=\r\n"
_PLACEHOLDER = re.compile(
    f"(?:{_SOFT_BREAK.decode()})?".join(UNSUBSCRIBE_PLACEHOLDER).encode("ascii")
)
# In List-Unsubscribe, in the plain body and in the HTML one.
_PLACES_AT_LEAST = 3
_RECIPIENT = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]+@[A-Za-z0-9.-]+")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]+@[A-Za-z0-9.-]+>")


class Rendered(Protocol):
    """What a message is made of: :class:`topthree.render.values.RenderedMessage` is one."""

    @property
    def subject(self) -> str:
        """One line."""
        ...

    @property
    def text(self) -> str:
        """The plain-text body, with LF line ends."""
        ...

    @property
    def html(self) -> str:
        """A whole HTML document."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What differs from one recipient of an issue to the next, and nothing else does."""

    recipient: str
    #: What stands in the unsubscribe links.
    token: str
    #: With its angle brackets.
    message_id: str
    date: datetime

    def fields(self) -> bytes:
        """Return the fields that only this recipient gets, each on one line.

        :raises HeaderRefused: if a value cannot stand in its field.
        """
        if not _RECIPIENT.fullmatch(self.recipient) or not _MESSAGE_ID.fullmatch(self.message_id):
            raise HeaderRefused("To takes one ASCII address, Message-ID one in angle brackets.")
        return (
            f"Date: {date_value(self.date)}\r\nTo: {self.recipient}\r\n"
            f"Message-ID: {self.message_id}\r\n"
        ).encode("ascii")


_STANDS_HERE = Personal(
    recipient="recipient-stands-here@topthree.invalid",
    token=UNSUBSCRIBE_PLACEHOLDER,
    message_id="<message-id-stands-here@topthree.invalid>",
    date=datetime(1970, 1, 1, tzinfo=UTC),
)


def issue_message_id(run_id: RunId, subscriber_id: SubscriberId, *, domain: str, salt: str) -> str:
    """Return the Message-ID of one delivery: the same at every try, and it tells no number.

    :param salt: the run's own secret, so that nobody can find a subscriber's number by trying.
    """
    key = hashlib.sha256(salt.encode()).digest()
    digest = hashlib.blake2b(f"{run_id}:{subscriber_id}".encode(), key=key, digest_size=16)
    return f"<{digest.hexdigest()}@{domain}>"


def freeze_issue(
    rendered: Rendered,
    newsletter: Newsletter,
    *,
    key: IssueKey,
) -> bytes:
    """Return the issue's message with sentinels where :class:`Splicer` puts what is personal.

    The same input gives the same bytes. The bodies must have been rendered with
    ``UNSUBSCRIBE_PLACEHOLDER`` in their unsubscribe links.

    :raises HeaderRefused: if the subject or a name cannot stand in a header.
    """
    return build_issue(rendered, newsletter, _STANDS_HERE, key=key)


def build_issue(
    rendered: Rendered,
    newsletter: Newsletter,
    personal: Personal,
    *,
    key: IssueKey,
) -> bytes:
    """Return one recipient's whole message, from bodies that hold their own token.

    This is what a splice must equal, byte for byte; it takes a hundred times as long.
    """
    token = personal.token
    ways_out = filter(None, (newsletter.one_click_url(token), newsletter.leaving_mail_url(token)))
    fields = (
        personal.fields(),
        _origin_fields(rendered, newsletter),
        _list_fields(newsletter),
        uri_field("List-Unsubscribe", *ways_out),
        plain_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        uri_field("Archived-At", newsletter.issue_url(key)),
        plain_field("Feedback-ID", f"{key}:issue:{LIST_LABEL}:{FEEDBACK_SENDER}"),
        plain_field("Precedence", "bulk"),
        plain_field("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )
    return b"".join(fields) + _alternatives(rendered, seed=f"{newsletter.domain} {key}")


def build_notice(
    rendered: Rendered,
    newsletter: Newsletter,
    *,
    recipient: str,
    message_id: str,
    date: datetime,
) -> bytes:
    """Return a message about a subscription or a sign-in: to one person, because they asked.

    It is not part of the list, so it carries no List-Unsubscribe.

    :param message_id: with its angle brackets.
    :raises HeaderRefused: if a value cannot stand in a header.
    """
    personal = Personal(recipient=recipient, token="", message_id=message_id, date=date)
    fields = (
        personal.fields(),
        _origin_fields(rendered, newsletter),
        plain_field("Auto-Submitted", "auto-generated"),
        plain_field("X-Auto-Response-Suppress", "All"),
    )
    return b"".join(fields) + _alternatives(rendered, seed=message_id)


class NotFrozen(ValueError):
    """These bytes do not hold every place that must be made the recipient's own."""


class Splicer:
    """Makes one frozen message each recipient's own, in microseconds."""

    def __init__(self, frozen: bytes) -> None:
        """Find the places; each must be there, or somebody would get somebody else's link.

        :raises NotFrozen: if they are not bytes of :func:`freeze_issue`.
        """
        head = _STANDS_HERE.fields()
        if not frozen.startswith(head):
            raise NotFrozen("The message does not begin with the fields to be filled in.")
        self._parts: list[bytes] = [b""]
        #: Which part takes which piece of the token: quoted-printable may cut it anywhere.
        self._token_pieces: list[tuple[int, int, int]] = []
        end = len(head)
        places = 0
        for place in _PLACEHOLDER.finditer(frozen, end):
            self._parts.append(frozen[end : place.start()])
            self._add_pieces(place.group().split(_SOFT_BREAK))
            end = place.end()
            places += 1
        if places < _PLACES_AT_LEAST:
            raise NotFrozen(f"The message has {places} unsubscribe links to fill in, not three.")
        self._parts.append(frozen[end:])
        #: No line of any recipient's message begins with a dot: neither here nor in what is filled
        #: in, which is fields and tokens.
        self.is_dotless = b"\n." not in frozen

    def splice(self, *, recipient: str, token: str, message_id: str, date: datetime) -> bytes:
        """Return this recipient's message; it equals :func:`build_issue`, byte for byte.

        :raises HeaderRefused: if a value cannot stand where it must.
        """
        personal = Personal(recipient=recipient, token=token, message_id=message_id, date=date)
        if not _TOKEN.fullmatch(token):
            raise HeaderRefused("An unsubscribe token has not the length or the letters agreed on.")
        encoded = token.encode("ascii")
        parts = self._parts.copy()
        parts[0] = personal.fields()
        for index, start, stop in self._token_pieces:
            parts[index] = encoded[start:stop]
        return b"".join(parts)

    def _add_pieces(self, pieces: list[bytes]) -> None:
        start = 0
        for piece in pieces:
            if start:
                self._parts.append(_SOFT_BREAK)
            self._token_pieces.append((len(self._parts), start, start + len(piece)))
            self._parts.append(piece)
            start += len(piece)


def _origin_fields(rendered: Rendered, newsletter: Newsletter) -> bytes:
    return b"".join(
        (
            mailbox_field("From", newsletter.sender_name, newsletter.sender_address),
            mailbox_field("Reply-To", newsletter.sender_name, newsletter.sender_address),
            text_field("Subject", rendered.subject),
        )
    )


def _list_fields(newsletter: Newsletter) -> bytes:
    return b"".join(
        (
            list_id_field(newsletter.name, f"{LIST_LABEL}.{newsletter.domain}"),
            uri_field("List-Help", f"{newsletter.public_url}/"),
            uri_field("List-Subscribe", f"{newsletter.public_url}/"),
            uri_field("List-Archive", newsletter.archive_url),
            uri_field("List-Owner", f"mailto:{newsletter.sender_address}"),
            plain_field("List-Post", "NO"),
        )
    )


def _alternatives(rendered: Rendered, *, seed: str) -> bytes:
    """Return MIME-Version, Content-Type and both bodies, the plain one first."""
    # "=_" cannot occur in quoted-printable, so the boundary cannot occur in a body (RFC 2045 §6.7).
    boundary = "=_" + hashlib.sha256(seed.encode()).hexdigest()[:24]
    head = (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    )
    parts = "".join(
        f"--{boundary}\r\n"
        f"Content-Type: text/{kind}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        f"{quoted_printable(body)}\r\n"
        for kind, body in (("plain", rendered.text), ("html", rendered.html))
    )
    return f"{head}{parts}--{boundary}--\r\n".encode("ascii")
