"""What rendering makes of an issue or a notice: the parts of a message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedMessage:
    """A message before it is one: its subject and its two bodies."""

    subject: str
    #: Plain text with LF line ends.
    text: str
    #: A whole document with its styles inlined.
    html: str
