"""The mark by which a database that was restored from a copy is told from the one it replaces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.generation import Mark
from topthree.store.base import Table
from topthree.store.sending.runs import RunRow

_THE_ONE = 1


class GenerationRow(Table, kw_only=True, repr=False):
    """One row, made by the first migration; dumps of PostgreSQL are made without it."""

    __tablename__ = "generation"

    id: Mapped[int] = mapped_column(primary_key=True, default=_THE_ONE)
    number: Mapped[int] = mapped_column(BigInteger)
    raised_at: Mapped[datetime | None] = mapped_column(default=None)
    #: Only in a copy: when it was made.
    copied_at: Mapped[datetime | None] = mapped_column(default=None)


def read_mark(session: Session) -> Mark | None:
    """Return the database's mark; whoever else asks in a transaction that writes waits for us."""
    row = session.get(GenerationRow, _THE_ONE, with_for_update=True)
    if row is None:
        return None
    return Mark(number=row.number, raised_at=row.raised_at, copied_at=row.copied_at)


def write_mark(session: Session, mark: Mark) -> None:
    """Give the database this mark in place of the one that it has, if any."""
    row = session.get(GenerationRow, _THE_ONE)
    if row is None:
        row = GenerationRow(number=mark.number)
        session.add(row)
    row.number, row.raised_at, row.copied_at = mark.number, mark.raised_at, mark.copied_at


def mark_as_copy(session: Session, made_at: datetime | None) -> datetime | None:
    """Let the next start take this database for a copy; return when it was made, if known.

    :param made_at: None if that is not known; the mark itself then tells roughly.
    """
    mark = read_mark(session)
    if mark is None:
        mark = Mark(number=0, raised_at=None, copied_at=None)
    copied_at = mark.copied_at or made_at or mark.raised_at
    if copied_at is not None:
        write_mark(session, Mark(number=mark.number, raised_at=mark.raised_at, copied_at=copied_at))
    else:
        _forget(session)
    return copied_at


def count_unfinished_runs(session: Session) -> int:
    """Return how many runs have letters left to send."""
    query = select(func.count()).select_from(RunRow).where(RunRow.finished_at.is_(None))
    return session.scalars(query).one()


def _forget(session: Session) -> None:
    row = session.get(GenerationRow, _THE_ONE)
    if row is not None:
        session.delete(row)
