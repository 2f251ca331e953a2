"""The audit log: entries that are only ever added, in one chain however many write at once."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, event, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.audit.entry import (
    Entry,
    Link,
    Recorded,
    Thing,
    ThingKind,
    Who,
    WhoKind,
    as_json,
    link_after,
)
from topthree.domain.ids import EditorId, EntryId
from topthree.store.base import Table

_THE_ONE = 1
_WAITING = "topthree_audit_entries"
#: Rows that are in hand at the same time.
_CHUNK = 1_000


class AuditRow(Table, kw_only=True, repr=False):
    """One entry; the database refuses to change or delete it."""

    __tablename__ = "audit_entries"

    #: Without gaps, so that a missing entry shows.
    id: Mapped[EntryId] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    who_kind: Mapped[WhoKind]
    #: No foreign key: an entry outlives whatever it speaks of.
    editor_id: Mapped[EditorId | None]
    who_name: Mapped[str]
    #: Not an enumeration to the database: it may hold acts of a later version.
    act: Mapped[str] = mapped_column(String(64))
    about_kind: Mapped[ThingKind]
    about_id: Mapped[str]
    about_label: Mapped[str]
    details: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))

    __table_args__ = (
        Index("ix_audit_entries_editor", "editor_id", "id"),
        Index("ix_audit_entries_act", "act", "id"),
        Index("ix_audit_entries_about", "about_kind", "about_id", "id"),
    )


class AuditHeadRow(Table, kw_only=True, repr=False):
    """One row, made by the first migration: the end of the chain, which writers queue for."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, default=_THE_ONE)
    entry_id: Mapped[EntryId]
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are looked for; whatever is None does not matter."""

    who_kind: WhoKind | None = None
    editor_id: EditorId | None = None
    act: str | None = None
    about_kind: ThingKind | None = None
    about_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def append(session: Session, entry: Entry, now: datetime) -> None:
    """Let the entry be written when the transaction is committed, and with it or not at all.

    Only then does it take its place in the chain: whoever writes an entry waits for others no
    longer than a commit takes, and never holds the chain while waiting for something else.
    """
    waiting: list[tuple[Entry, datetime]] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = []
        event.listen(session, "before_commit", _write_what_waits)
        event.listen(session, "after_soft_rollback", _forget_what_waits)
    if not session.in_transaction():
        session.begin()
    waiting.append((entry, now))


def _write_what_waits(session: Session) -> None:
    waiting: list[tuple[Entry, datetime]] = session.info[_WAITING]
    if not waiting or session.in_nested_transaction():
        return
    head = _lock_head(session)
    rows, end = [], Link(id=head.entry_id, hash=head.hash)
    for entry, at in waiting:
        recorded = _recorded(EntryId(end.id + 1), entry, at)
        end = link_after(end.hash, recorded)
        rows.append(_row(recorded, end.hash))
    waiting.clear()
    session.execute(insert(AuditRow), rows)
    head.entry_id, head.hash = end.id, end.hash
    session.flush()


def _forget_what_waits(session: Session, _previous: object) -> None:
    # A savepoint that is taken back leaves what was recorded before it.
    if not session.in_transaction():
        session.info[_WAITING].clear()


def _lock_head(session: Session) -> AuditHeadRow:
    query = select(AuditHeadRow).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def read_head(session: Session) -> Link:
    """Return where the chain ends."""
    head = session.scalars(select(AuditHeadRow)).one()
    return Link(id=head.entry_id, hash=head.hash)


def find_entries(
    session: Session, wanted: Wanted, *, before: EntryId | None = None, limit: int
) -> Sequence[Recorded]:
    """Return what is looked for, newest first, from before this entry on."""
    query = select(AuditRow).where(*_conditions(wanted)).order_by(AuditRow.id.desc())
    if before is not None:
        query = query.where(AuditRow.id < before)
    return [_entry(row) for row in session.scalars(query.limit(limit))]


def chained_entries(
    session: Session, after: EntryId
) -> Generator[tuple[Recorded, bytes], None, None]:
    """Yield the entries after this one in their order, each with the hash that is kept of it."""
    query = select(AuditRow).where(AuditRow.id > after).order_by(AuditRow.id)
    with session.scalars(query, execution_options={"yield_per": _CHUNK}) as rows:
        for row in rows:
            yield _entry(row), row.hash


def hash_of_entry(session: Session, entry_id: EntryId) -> bytes | None:
    """Return the hash that is kept of this entry."""
    return session.scalars(select(AuditRow.hash).where(AuditRow.id == entry_id)).one_or_none()


def hashes_of_entries(session: Session, entry_ids: Collection[EntryId]) -> dict[EntryId, bytes]:
    """Return the hashes that are kept of these entries."""
    query = select(AuditRow.id, AuditRow.hash).where(AuditRow.id.in_(entry_ids))
    return {row[0]: row[1] for row in session.execute(query)}


def count_entries(session: Session) -> int:
    """Return how many entries there are."""
    return session.scalars(select(func.count()).select_from(AuditRow)).one()


def _conditions(wanted: Wanted) -> list[Any]:
    equal = {
        AuditRow.who_kind: wanted.who_kind,
        AuditRow.editor_id: wanted.editor_id,
        AuditRow.act: wanted.act,
        AuditRow.about_kind: wanted.about_kind,
        AuditRow.about_id: wanted.about_id,
    }
    conditions: list[Any] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if wanted.since is not None:
        conditions.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.at < wanted.until)
    return conditions


def _recorded(entry_id: EntryId, entry: Entry, at: datetime) -> Recorded:
    return Recorded(
        id=entry_id,
        at=at,
        who=entry.who,
        act=entry.act.value,
        about=entry.about,
        details=as_json(entry.details),
    )


def _row(entry: Recorded, hash_: bytes) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": entry.at,
        "who_kind": entry.who.kind,
        "editor_id": entry.who.editor_id,
        "who_name": entry.who.name,
        "act": entry.act,
        "about_kind": entry.about.kind,
        "about_id": entry.about.id,
        "about_label": entry.about.label,
        "details": entry.details,
        "hash": hash_,
    }


def _entry(row: AuditRow) -> Recorded:
    return Recorded(
        id=row.id,
        at=row.at,
        who=Who(kind=row.who_kind, name=row.who_name, editor_id=row.editor_id),
        act=row.act,
        about=Thing(kind=row.about_kind, id=row.about_id, label=row.about_label),
        details=row.details,
    )
