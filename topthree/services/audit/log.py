"""The audit log: writing down who did what, and reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import Entry, Recorded, tidied
from topthree.domain.ids import EntryId
from topthree.services.wiring import Wiring
from topthree.store.audit import Wanted, append, find_entries

__all__ = ["AuditPage", "Wanted", "list_entries", "note", "record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Some entries, newest first, and before which the next page begins; None: there is none."""

    entries: tuple[Recorded, ...]
    next_before: EntryId | None


def record(session: Session, entry: Entry, now: datetime) -> None:
    """Write down who did what, in the same transaction and with it or not at all.

    Addresses are masked, and long texts cut. What was recorded inside a savepoint that is taken
    back stays: record after it.
    """
    append(session, tidied(entry), now)


def note(wiring: Wiring, entry: Entry) -> None:
    """Write down, by itself and at once, that somebody is about to see or take along something."""
    with wiring.writing() as session:
        record(session, entry, wiring.clock())


def list_entries(
    session: Session, wanted: Wanted, *, before: EntryId | None = None, limit: int
) -> AuditPage:
    """Return a page of the entries that are looked for."""
    found = find_entries(session, wanted, before=before, limit=limit + 1)
    entries = tuple(found[:limit])
    return AuditPage(entries=entries, next_before=entries[-1].id if len(found) > limit else None)
