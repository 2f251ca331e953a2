"""What names a published issue in addresses and folders: its day, which it shares with no other.

A correction may go out on the day of another issue, so its number stands in its key as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_SHAPE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-correction-([1-9]\d{0,8}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKey:
    """Names one published issue, for ever: “2026-12-03”, “2026-12-03-correction-28”."""

    day: date
    #: The number of a correction; None: the issue of the day.
    correction: int | None = None

    def __str__(self) -> str:
        """Return the key as it stands in addresses; each has this one spelling."""
        day = self.day.isoformat()
        return day if self.correction is None else f"{day}-correction-{self.correction}"


def key_of(day: date, number: int, corrects: date | None) -> IssueKey:
    """Return the key of an issue that went out, or would go out, on this day."""
    return IssueKey(day=day, correction=None if corrects is None else number)


def parse_key(text: str) -> IssueKey | None:
    """Read a key in its one spelling; None: it is none."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        return None
    return IssueKey(day=day, correction=int(found[2]) if found[2] else None)
