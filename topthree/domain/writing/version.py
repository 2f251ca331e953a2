"""Versions: what an issue's content once was, and which of them a history shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from topthree.domain.ids import EditorId

#: What was saved by itself is shown once in so many minutes of the clock.
FOLDED_WITHIN = timedelta(minutes=10)
#: For so long even what is not shown is kept: somebody may have it open still.
FOLDED_KEPT = timedelta(days=3)


class VersionKind(StrEnum):
    """How a version came about."""

    BEGUN = "begun"
    IMPORTED = "imported"
    SAVED = "saved"
    #: While somebody was writing, without being asked.
    AUTOSAVED = "autosaved"
    #: Together with what somebody else had changed meanwhile.
    MERGED = "merged"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMark:
    """A version without its content."""

    #: Counts the versions of its issue.
    number: int
    kind: VersionKind
    saved_by: EditorId | None
    saved_at: datetime
    #: Shown whatever comes after it: somebody else saw it, or it was submitted or approved.
    is_pinned: bool
    #: The version that was brought back.
    source: int | None = None


def shown_versions(marks: Sequence[VersionMark]) -> tuple[VersionMark, ...]:
    """Return those of an issue's versions, oldest first, that a history shows.

    Leaving out the others and asking again returns the same, so that they can be forgotten.
    """
    return tuple(mark for mark, is_shown in _judged(marks) if is_shown)


def folded_versions(marks: Sequence[VersionMark]) -> tuple[VersionMark, ...]:
    """Return the others: what the same person left for a moment, while writing on."""
    return tuple(mark for mark, is_shown in _judged(marks) if not is_shown)


def _judged(marks: Sequence[VersionMark]) -> Iterator[tuple[VersionMark, bool]]:
    for mark, following in pairwise(marks):
        yield mark, not _folds(mark, following)
    yield from ((mark, True) for mark in marks[-1:])


def _folds(mark: VersionMark, following: VersionMark) -> bool:
    return (
        mark.kind is VersionKind.AUTOSAVED
        and not mark.is_pinned
        and following.kind in {VersionKind.AUTOSAVED, VersionKind.SAVED}
        and following.saved_by == mark.saved_by
        and _window(following.saved_at) == _window(mark.saved_at)
    )


def _window(at: datetime) -> int:
    return int(at.timestamp() // FOLDED_WITHIN.total_seconds())
