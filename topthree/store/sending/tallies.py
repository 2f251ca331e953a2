"""What each process has counted of a run, so that all of them judge it by the same figures."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import RunId
from topthree.domain.sending.breaker import Tally
from topthree.store.base import Table
from topthree.store.engine import is_postgresql


class TallyRow(Table, kw_only=True, repr=False):
    """What one life of one process has seen of one stretch of a run, from its beginning.

    It is replaced and never added to, so that writing it twice, or not knowing whether it was
    written, does no harm.
    """

    __tablename__ = "tallies"

    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    resumptions: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: Names the life of the process.
    teller: Mapped[str] = mapped_column(primary_key=True)
    tried: Mapped[int]
    accepted: Mapped[int]
    hard: Mapped[int]
    refusals: Mapped[int]
    malformed: Mapped[int]


#: Complaints are feedback, and counted from there.
_FIGURES = tuple(field.name for field in fields(Tally) if field.name != "complaints")


def keep_tally(
    session: Session, run_id: RunId, resumptions: int, teller: str, tally: Tally
) -> None:
    """Write down what this process has counted of the stretch, in place of what it wrote before."""
    # The two databases have the same clause, and the library a class for each.
    insert = postgresql.insert if is_postgresql(session) else sqlite.insert
    key = {"run_id": run_id, "resumptions": resumptions, "teller": teller}
    figures = {name: getattr(tally, name) for name in _FIGURES}
    statement = insert(TallyRow).values(**key, **figures)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=figures))


def sum_tallies(session: Session, run_id: RunId, resumptions: int, *, but_for: str = "") -> Tally:
    """Add up what was counted of the stretch by all processes, or by all but this one."""
    columns = (func.coalesce(func.sum(getattr(TallyRow, name)), 0) for name in _FIGURES)
    query = select(*columns).where(
        TallyRow.run_id == run_id,
        TallyRow.resumptions == resumptions,
        TallyRow.teller != but_for,
    )
    counted = session.execute(query).one()
    return Tally(**{name: int(count) for name, count in zip(_FIGURES, counted, strict=True)})
