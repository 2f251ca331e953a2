"""Mail into a folder of this machine, where an editor reads it in the browser: no relay needed."""

from __future__ import annotations

import heapq
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import urlsplit

from topthree.domain.refusal import NotFound
from topthree.domain.sending.outcome import Outcome, Stage, Verdict
from topthree.mail.transport import Envelope, Mail, Phase, RelayUnavailable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,:=_-]{0,200}")
_URI = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaildirOutbox:
    """A transport that keeps the messages instead of sending them."""

    folder: Path

    @contextmanager
    def connect(self) -> Iterator[MaildirConnection]:
        """Make the folder if it is not there yet.

        :raises RelayUnavailable: if it cannot be made.
        """
        try:
            for part in ("tmp", "new", "cur"):
                (self.folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RelayUnavailable(Phase.CONNECT, reply=str(error)) from error
        yield MaildirConnection(self.folder)


class MaildirConnection:
    """Writes messages; each is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, envelope: Envelope, message: bytes) -> Outcome:
        """Keep the message as it is.

        :raises RelayUnavailable: if it cannot be written.
        """
        if not envelope.recipient.isascii():
            return Outcome(verdict=Verdict.REFUSED, code=0, reply="The address is not ASCII.")
        # The clock of this name only keeps messages of one instant in their order.
        name = f"{time.monotonic_ns():020}.{os.getpid()}.{secrets.token_hex(4)}"
        written = self._folder / "tmp" / name
        try:
            written.write_bytes(message)
            written.rename(self._folder / "new" / name)
        except OSError as error:
            raise RelayUnavailable(Phase.BODY, reply=str(error)) from error
        kept = f"Kept in the outbox as {name}."
        return Outcome(verdict=Verdict.ACCEPTED, code=250, reply=kept, stage=Stage.TEXT)

    def send_each(self, mails: Iterable[Mail]) -> Iterator[Outcome]:
        """Keep one message after the other; see :meth:`Connection.send_each`.

        :raises RelayUnavailable: if one cannot be written.
        """
        for mail in mails:
            yield self.send(mail.envelope, mail.message)

    def close(self) -> None:
        """Nothing is open between two messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A message of the outbox as the desk shows it."""

    name: str
    when: datetime
    recipient: str
    subject: str
    text: str
    html: str
    #: Where mail programs post to leave (List-Unsubscribe); empty in a message that is no issue.
    unsubscribe_url: str
    size_bytes: int


def read_outbox(folder: Path, limit: int) -> tuple[OutboxMessage, ...]:
    """Return the newest messages, newest first. Only these are read, however many there are."""
    newest = heapq.nlargest(limit, _entries(folder))
    return tuple(_read(Path(path), when) for when, _, path in newest)


def read_outbox_message(folder: Path, name: str) -> OutboxMessage:
    """Return one message.

    :raises NotFound: if there is none of this name.
    """
    if _NAME.fullmatch(name):
        for part in ("new", "cur"):
            path = folder / part / name
            if path.is_file():
                return _read(path, path.stat().st_mtime_ns)
    raise NotFound("There is no such message in the outbox. Go back to the list.")


def _entries(folder: Path) -> Iterator[tuple[int, str, str]]:
    for part in ("new", "cur"):
        if (folder / part).is_dir():
            with os.scandir(folder / part) as entries:
                for entry in entries:
                    yield entry.stat().st_mtime_ns, entry.name, entry.path


def _read(path: Path, modified_ns: int) -> OutboxMessage:
    raw = path.read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(raw)
    return OutboxMessage(
        name=path.name,
        when=datetime.fromtimestamp(modified_ns / 1e9, tz=UTC),
        recipient=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        unsubscribe_url=_unsubscribe_url(str(message.get("List-Unsubscribe", ""))),
        size_bytes=len(raw),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""


def _unsubscribe_url(header: str) -> str:
    uris: list[str] = _URI.findall(header)
    return next((uri for uri in uris if urlsplit(uri).scheme in {"https", "http"}), "")
