"""What is posted to us in the name of a provider, and who says what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from topthree.mail.inbound.incoming import Report

#: Providers try for hours, and a report does no harm twice; a clock may be wrong by some minutes.
_OLDEST, _NEWEST = timedelta(days=1), timedelta(minutes=15)


class PostRefused(Exception):
    """What was posted is not of the provider; the text is for the log."""


class PostUnsure(Exception):
    """Whether it is of the provider cannot be told now; they are to try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What somebody has posted; nothing in it counts before a reporter has looked at it."""

    raw: bytes
    #: By their names in lower case.
    headers: Mapping[str, str]


class Reporter(Protocol):
    """A provider that may report; may ask over the network, so never inside a transaction."""

    def read(self, posted: Posted) -> Iterable[Report]:
        """Return what is reported, once it is sure that it is the provider who does.

        :raises PostRefused: if it is somebody else; before the first report is returned.
        :raises PostUnsure: if that cannot be told now.
        """
        ...


def require_recent(at: datetime, now: datetime) -> None:
    """Do nothing if it was posted not long ago.

    :raises PostRefused: if it was not.
    """
    if at.tzinfo is None or not now - _OLDEST <= at <= now + _NEWEST:
        raise PostRefused(f"it is of {at.isoformat()}")
