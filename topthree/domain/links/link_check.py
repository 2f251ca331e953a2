"""What is known of a link that an issue holds: whether it answers, and what it leads to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_REDIRECT = 300
_EXAMPLE = re.compile(
    r"https?://(?:[^/?#@]*\.)?(?:example(?:\.(?:com|net|org|edu|gov))?|test|invalid)(?:[:/?#]|$)",
    re.IGNORECASE,
)


class LinkState(StrEnum):
    """What can be said of a link; what could not be found out is never called dead."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Trouble(StrEnum):
    """Why there was no answer."""

    NO_SUCH_NAME = "no such name"
    NAME_UNANSWERED = "name unanswered"
    NOT_PUBLIC = "not public"
    NOT_A_SITE = "not a site"
    TOO_SLOW = "too slow"
    BROKEN = "broken"
    NOT_TRUSTED = "not trusted"
    GOING_IN_CIRCLES = "going in circles"

    @property
    def words(self) -> str:
        """What happened, as it ends a sentence."""
        return _WORDS[self]


_WORDS = {
    Trouble.NO_SUCH_NAME: "there is no site of that name",
    Trouble.NAME_UNANSWERED: "the name servers do not answer",
    Trouble.NOT_PUBLIC: "from here it leads into a private network",
    Trouble.NOT_A_SITE: "only sites on their usual ports are looked at",
    Trouble.TOO_SLOW: "the site does not answer in time",
    Trouble.BROKEN: "the connection fails",
    Trouble.NOT_TRUSTED: "the site’s certificate is not valid",
    Trouble.GOING_IN_CIRCLES: "it is redirected too often",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCheck:
    """What came of looking at a link."""

    state: LinkState
    #: How the site answered in the end; None if it did not.
    status: int | None = None
    trouble: Trouble | None = None
    #: Where redirections led to; empty if there was no answer.
    final_url: str = ""
    #: Without parameters: ``application/pdf``; empty if it was not said.
    content_type: str = ""
    #: Bytes; None if it was not said.
    content_length: int | None = None
    checked_at: datetime

    @property
    def words(self) -> str:
        """What was found, in words that end a sentence: “the site answers 404”."""
        if self.status is not None:
            return f"the site answers {self.status}"
        return self.trouble.words if self.trouble else "it was not looked at"


#: Bytes of the longest address that is looked at; an index of PostgreSQL holds a little more.
_LONGEST = 2_000


def is_checkable(url: str) -> bool:
    """Tell whether this is an address that a site can answer."""
    is_web = url.lower().startswith(("https://", "http://"))
    return is_web and len(url.encode(errors="replace")) <= _LONGEST


def state_of_status(status: int) -> LinkState:
    """Return what an answer says about the link.

    Sites that refuse machines, ask for a sign-in or are out of order (401, 403, 405, 429, 5xx) say
    nothing about what a reader will find.
    """
    if status in _GONE:
        return LinkState.DEAD
    return LinkState.ALIVE if HTTPStatus.OK <= status < _REDIRECT else LinkState.UNKNOWN


def state_of_trouble(trouble: Trouble, url: str) -> LinkState:
    """Return what the lack of an answer says about the link: only a missing name is certain.

    Names that are kept for examples (RFC 2606) are missing on purpose, as in the samples.
    """
    is_missing = trouble is Trouble.NO_SUCH_NAME and not _EXAMPLE.match(url)
    return LinkState.DEAD if is_missing else LinkState.UNKNOWN
