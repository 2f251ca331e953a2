"""How full the buckets are, and which providers and domains are left in peace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Double, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import ClaimId
from topthree.domain.sending.closure import MOST_CONNECTIONS, QUIET, ProviderState
from topthree.domain.sending.pacing import Bucket, Level, full
from topthree.store.base import Table
from topthree.store.sending.deliveries import ClaimRow

#: So long after a closure its provider is open as if there had been none.
_UNTIL_WIDE_OPEN = (MOST_CONNECTIONS + 1) * QUIET


class PaceRow(Table, kw_only=True, repr=False):
    """The level of one bucket."""

    __tablename__ = "paces"

    #: A provider; empty: everything that leaves.
    name: Mapped[str] = mapped_column(primary_key=True)
    #: Below zero while places are reserved ahead.
    tokens: Mapped[float] = mapped_column(Double)
    at: Mapped[datetime]


class ClosureRow(Table, kw_only=True, repr=False):
    """A provider that asked for less, or a domain that takes nothing for now."""

    __tablename__ = "closures"

    #: A provider, or “@” and a domain, of which only its own mail is held.
    name: Mapped[str] = mapped_column(primary_key=True)
    closed_until: Mapped[datetime]
    #: None: no limit, as for a domain.
    connections_allowed: Mapped[int | None] = mapped_column(default=None)
    since: Mapped[datetime]
    closures: Mapped[int] = mapped_column(default=0)


def read_level(session: Session, name: str, bucket: Bucket, now: datetime) -> Level:
    """Return the level of a bucket, as it is at this moment or was a moment ago."""
    row = session.get(PaceRow, name)
    return full(bucket, now) if row is None else Level(tokens=row.tokens, at=row.at)


def lock_level(session: Session, name: str, bucket: Bucket, now: datetime) -> Level:
    """Return the level of a bucket; whoever else asks so waits for us."""
    query = select(PaceRow).where(PaceRow.name == name).with_for_update()
    query = query.execution_options(populate_existing=True)
    row = session.scalars(query).one_or_none()
    if row is None:
        level = full(bucket, now)
        _add_unless_known(session, name, level)
        row = session.scalars(query).one()
    return Level(tokens=row.tokens, at=row.at)


def keep_level(session: Session, name: str, level: Level) -> None:
    """Keep the level of a bucket that was locked."""
    row = session.get_one(PaceRow, name)
    row.tokens, row.at = level.tokens, level.at


def recent_closures(session: Session, now: datetime) -> Mapping[str, ProviderState]:
    """Return every closure that is not wholly over, by name."""
    query = select(ClosureRow).where(ClosureRow.closed_until > now - _UNTIL_WIDE_OPEN)
    return {row.name: state_of(row) for row in session.scalars(query)}


def lock_closure(session: Session, name: str) -> ClosureRow | None:
    """Return what is known of a provider's closures; whoever else asks so waits for us."""
    query = select(ClosureRow).where(ClosureRow.name == name).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def keep_closure(session: Session, name: str, state: ProviderState) -> None:
    """Keep the state of a provider, or of a domain, that was closed."""
    if state.closed_until is None or state.since is None:
        raise ValueError(name)
    session.merge(
        ClosureRow(
            name=name,
            closed_until=state.closed_until,
            connections_allowed=state.connections_allowed,
            since=state.since,
            closures=state.closures,
        )
    )


def state_of(row: ClosureRow) -> ProviderState:
    """Return the value that the row keeps."""
    return ProviderState(
        closed_until=row.closed_until,
        connections_allowed=row.connections_allowed,
        since=row.since,
        closures=row.closures,
    )


def claims_that_hold(session: Session, provider: str, but_for: ClaimId) -> int:
    """Count the other claims that hold deliveries of a provider that is being opened again."""
    query = select(ClaimRow.recovering).where(
        ClaimRow.recovering.is_not(None), ClaimRow.id != but_for
    )
    return sum(provider in (names or ()) for names in session.scalars(query))


def _add_unless_known(session: Session, name: str, level: Level) -> None:
    # The two databases have the same clause, and the library a class for each.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    statement = insert(PaceRow).on_conflict_do_nothing(index_elements=["name"])
    session.execute(statement.values(name=name, tokens=level.tokens, at=level.at))
