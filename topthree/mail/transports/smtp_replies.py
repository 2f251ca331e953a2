"""What a relay says: its replies, read from whatever pieces they come in (RFC 5321 §4.2)."""

from __future__ import annotations

import smtplib
from typing import NamedTuple

#: Far more than any relay needs; without an end a reply would take all the memory there is.
LONGEST_REPLY = 65_536

# How nearly every line begins: the only one of a reply.
_WHOLE = {b"%d " % code: code for code in range(200, 600)}


class Reply(NamedTuple):
    """One whole reply, of one line or several."""

    code: int
    text: bytes


class NotAReply(ConnectionError):
    """What came is no reply, so nothing that comes after it can be relied on."""


class ReplyReader:
    """Cuts a stream of bytes into replies; it holds one reply at most, and a chunk beyond it."""

    def __init__(self) -> None:
        self._waiting = b""
        self._at = 0
        #: The lines so far of a reply that goes on.
        self._lines: list[bytes] = []
        self._code = b""
        self._size = 0

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing has come but what was taken."""
        return self._at == len(self._waiting) and not self._lines

    def feed(self, data: bytes) -> None:
        """Add what came next."""
        self._waiting = self._waiting[self._at :] + data
        self._at = 0

    def take(self) -> Reply | None:
        """Return the next reply, None if it is not whole yet.

        :raises NotAReply: if it cannot become one.
        """
        while (end := self._waiting.find(b"\n", self._at)) >= 0:
            line = self._waiting[self._at : end]
            self._at = end + 1
            code = _WHOLE.get(line[:4])
            if code and not self._lines and len(line) < LONGEST_REPLY:
                return Reply(code, line[4:].rstrip(b"\r"))
            self._add(line)
            if line[3:4] != b"-":
                return self._whole()
        self._check_size(len(self._waiting) - self._at)
        return None

    def _add(self, line: bytes) -> None:
        code = line[:3]
        # "354What" is sloppy and clear; "2500" or "25" is anything.
        if len(code) < 3 or not code.isdigit() or line[3:4].isdigit():  # noqa: PLR2004
            raise NotAReply(f"Not a reply: {readable(line[:200])}")
        if self._lines and code != self._code:
            raise NotAReply(f"Two replies in one: {readable(line[:200])}")
        self._code = code
        self._lines.append(line[4:].rstrip(b"\r"))
        self._size += len(line)
        self._check_size(0)

    def _whole(self) -> Reply:
        reply = Reply(int(self._code), b"\n".join(self._lines))
        self._lines.clear()
        self._size = 0
        return reply

    def _check_size(self, more: int) -> None:
        if self._size + more > LONGEST_REPLY:
            raise NotAReply("A reply without an end.")


def is_success(code: int) -> bool:
    """Tell whether the relay did what it was asked."""
    return 200 <= code <= 299  # noqa: PLR2004 (RFC 5321 §4.2.1)


def said(error: BaseException) -> str:
    """Return what an error of the library says, in the relay's words where it has any."""
    if isinstance(error, smtplib.SMTPResponseException):
        return readable(error.smtp_error)
    return str(error) or type(error).__name__


def readable(reply: bytes | str) -> str:
    """Return a reply as text that can be logged and shown, whatever the relay sent."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(text.split())
