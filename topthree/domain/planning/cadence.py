"""The cadence: which slots exist, when each comes, and what to do with one that is late.

Slots are civil dates; the instant is computed last (RFC 5545 §3.3.5 for clock changes), so that
"every other Thursday at 6" keeps its hour and its fortnight through any change of the clocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from topthree.domain.years import YEARS

FORTNIGHT = timedelta(days=14)
#: How far ahead a search for slots goes: a pause longer than this ends the list.
_HORIZON = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Every fourteen days from the anchor, at a civil time in a named zone."""

    anchor: date
    at: time
    zone: ZoneInfo

    def day_at(self, moment: datetime) -> date:
        """Return which civil date it is at this moment, where the letter is made."""
        return moment.astimezone(self.zone).date()


class ExceptionKind(StrEnum):
    """One way in which the calendar departs from the rule."""

    SKIP = "skip"
    MOVE = "move"
    EXTRA = "extra"
    PAUSE = "pause"
    REANCHOR = "re-anchor"


@dataclass(frozen=True, slots=True, kw_only=True)
class CadenceException:
    """A departure from the rule; the rule itself and its parity stay, except for a re-anchoring."""

    kind: ExceptionKind
    #: The slot skipped or moved, the extra date, the first day of the pause, the new anchor.
    on: date
    #: Where a slot is moved to; the last day of a pause; None otherwise.
    until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One civil date on which an issue goes out."""

    day: date
    #: Aware, in the cadence's zone: show it as it is, compare it as an instant.
    at: datetime
    #: Why the slot is not on the grid; empty for a regular one.
    note: str = ""


class Lateness(StrEnum):
    """What a slot asks for at a given moment."""

    AHEAD = "ahead"
    DUE = "due"
    #: Missed by more than the grace: an editor decides.
    HELD = "held"


class SlotFate(StrEnum):
    """What became of a slot once its time had come."""

    RAN = "ran"
    EMPTY = "empty"
    HELD = "held"


def slots_from(
    cadence: Cadence, exceptions: Iterable[CadenceException], first: date, count: int
) -> tuple[Slot, ...]:
    """Return the next ``count`` slots on or after a day, oldest first; fewer in a long pause."""
    if first.year >= YEARS.stop:
        return ()
    changes = tuple(exceptions)
    decided = _decided_days(changes)
    days = {
        day: ""
        for day in _regular_days(cadence, changes, first)
        if day not in decided and not _is_paused(day, changes)
    }
    days.update((day, note) for day, note in decided.items() if note is not None and day >= first)
    return tuple(
        Slot(day=day, at=instant_of(cadence, day), note=days[day]) for day in sorted(days)[:count]
    )


def is_slot(cadence: Cadence, exceptions: Iterable[CadenceException], day: date) -> bool:
    """Tell whether an issue can go out on this day."""
    return any(slot.day == day for slot in slots_from(cadence, exceptions, day, 1))


def instant_of(cadence: Cadence, day: date) -> datetime:
    """Return when the slot of this day comes, in the cadence's zone.

    A time that the spring change leaves out is read with the offset before it (02:30 becomes
    03:30); one that the autumn change repeats is the first (RFC 5545 §3.3.5).
    """
    civil = datetime.combine(day, cadence.at, tzinfo=cadence.zone)
    return civil.astimezone(UTC).astimezone(cadence.zone)


def is_unsteady(cadence: Cadence, first: date) -> bool:
    """Tell whether clocks leave out or repeat the hour of the cadence in the year from a day."""
    days = (first + timedelta(days=number) for number in range(366))
    times = (datetime.combine(day, cadence.at, tzinfo=cadence.zone) for day in days)
    # By PEP 495 the two readings of such an hour, and of no other, have different offsets.
    return any(at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset() for at in times)


def lateness(at: datetime, now: datetime, grace: timedelta) -> Lateness:
    """Tell what a slot asks for now: nothing yet, to be sent, or an editor's decision."""
    if now < at:
        return Lateness.AHEAD
    return Lateness.DUE if now - at <= grace else Lateness.HELD


def _regular_days(
    cadence: Cadence, changes: tuple[CadenceException, ...], first: date
) -> Iterator[date]:
    """Yield the days of the grid from ``first``, a later anchor replacing an earlier one."""
    anchors = sorted(change.on for change in changes if change.kind is ExceptionKind.REANCHOR)
    starts = [cadence.anchor, *(anchor for anchor in anchors if anchor > cadence.anchor)]
    ends = [*starts[1:], max(first, starts[-1]) + _HORIZON]
    for start, end in zip(starts, ends, strict=True):
        periods = max(0, -((start - first) // FORTNIGHT))
        day = start + periods * FORTNIGHT
        while day < end:
            yield day
            day += FORTNIGHT


def _decided_days(changes: tuple[CadenceException, ...]) -> dict[date, str | None]:
    """Return each day that somebody decided about: its note, or None where no issue goes out.

    The changes are read in the order in which they were made, and the last word counts.
    """
    decided: dict[date, str | None] = {}
    for change in changes:
        if change.kind in (ExceptionKind.SKIP, ExceptionKind.MOVE):
            decided[change.on] = None
        if change.kind is ExceptionKind.EXTRA:
            decided[change.on] = change.note or "extra"
        elif change.kind is ExceptionKind.MOVE and change.until is not None:
            decided[change.until] = change.note or f"moved from {change.on:%B} {change.on.day}"
    return decided


def _is_paused(day: date, changes: tuple[CadenceException, ...]) -> bool:
    return any(
        change.kind is ExceptionKind.PAUSE and change.on <= day <= (change.until or change.on)
        for change in changes
    )
