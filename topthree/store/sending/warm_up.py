"""The days of a run that is spread over some, because nobody knows the sender yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.sending.run import RunStatus
from topthree.store.base import Table
from topthree.store.sending.audience import of_audience
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import (
    SubscriberRow,
    SubscriptionRow,
    mailable_subscribers,
)


class RunDayRow(Table, kw_only=True, repr=False):
    """One day of a run: up to whom, of those confirmed most recently, it goes out by then."""

    __tablename__ = "run_days"

    run_id: Mapped[RunId] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    #: From 0, the day on which the run opens.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_at: Mapped[datetime]
    share: Mapped[int]
    #: The last of the day, in the order in which people are taken.
    until_confirmed_at: Mapped[datetime]
    until_subscriber: Mapped[SubscriberId]


def has_days(session: Session, run_id: RunId) -> bool:
    """Tell whether it is written down already on which days the run goes out."""
    return session.get(RunDayRow, (run_id, 0)) is not None


def count_mailable(session: Session, run: RunRow) -> int:
    """Count whom the run is for, by what was confirmed before it opened."""
    return session.scalar(select(func.count()).select_from(_ranked(run).subquery())) or 0


def planned_shares(session: Session) -> Sequence[tuple[datetime, int]]:
    """Return when how many messages went out, or will, of every run that was spread over days.

    Of a run that was stopped, what was still to come then is left out.
    """
    goes_out = or_(RunRow.status != RunStatus.CANCELLED, RunDayRow.due_at <= RunRow.finished_at)
    query = select(RunDayRow.due_at, RunDayRow.share).join(RunRow, RunRow.id == RunDayRow.run_id)
    return [(due_at, share) for due_at, share in session.execute(query.where(goes_out))]


def plan_days(session: Session, run: RunRow, days: Sequence[tuple[datetime, int]]) -> None:
    """Write down where the audience is cut, so that the days are what they are from then on."""
    ranked = _ranked(run).subquery()
    ends = accumulate(share for _, share in days)
    query = select(ranked).where(ranked.c.rank.in_(list(ends))).order_by(ranked.c.rank)
    for number, last in enumerate(session.execute(query)):
        due_at, share = days[number]
        session.add(
            RunDayRow(
                run_id=run.id,
                number=number,
                due_at=due_at,
                share=share,
                until_confirmed_at=last.confirmed_at,
                until_subscriber=last.id,
            )
        )


def due_by_rank(session: Session, run: RunRow) -> ColumnElement[datetime] | None:
    """Say when the delivery to each is due; None: the run is not spread over days.

    Who confirmed since it opened was not counted, and comes on its last day.
    """
    query = select(RunDayRow).where(RunDayRow.run_id == run.id).order_by(RunDayRow.number)
    days = session.scalars(query).all()
    if not days:
        return None
    moment = DeliveryRow.due_at.type
    place = tuple_(SubscriptionRow.confirmed_at, SubscriberRow.id)
    cuts = [
        (
            place
            >= tuple_(
                literal(day.until_confirmed_at, SubscriptionRow.confirmed_at.type),
                literal(day.until_subscriber),
            ),
            literal(day.due_at, moment),
        )
        for day in days
    ]
    last = literal(days[-1].due_at, moment)
    return case((SubscriptionRow.confirmed_at > run.opened_at, last), *cuts, else_=last)


def _ranked(run: RunRow) -> Select[Any]:
    place = (SubscriptionRow.confirmed_at.desc(), SubscriberRow.id.desc())
    return (
        of_audience(mailable_subscribers(), run.audience_of)
        .add_columns(
            SubscriptionRow.confirmed_at, func.row_number().over(order_by=place).label("rank")
        )
        .where(SubscriberRow.id <= run.prepare_until, SubscriptionRow.confirmed_at <= run.opened_at)
    )
