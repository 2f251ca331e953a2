"""The ledger as a sender uses it: two connections kept open, statements put together once."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from types import TracebackType
from typing import Self, TypedDict, Unpack, cast

from sqlalchemy import Engine, Select, TableClause, Update, bindparam, select, update

from topthree.domain.delivery import DeliveryStatus
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.store.deliveries import DeliveryRow
from topthree.store.engine import connect_relaxed, connect_to_newest
from topthree.store.subscribers import SubscriberRow, mailable_subscribers


class Ending(TypedDict):
    """How one attempt at a delivery ended."""

    #: The claim that the delivery must still be under.
    held_by: ClaimId
    to: SubscriberId
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    ended_at: datetime | None
    code: int
    reply: str


class Ledger:
    """What one sending thread reads and writes for each message; not shared between threads.

    An ending is committed at once, so that a killed process has recorded all but the message in
    flight, but it reaches the disk with the next claim: flushing each would cost more than sending
    it. Losing power forgets at most the endings since the last claim (reliability P3).
    """

    def __init__(self, engine: Engine) -> None:
        self._reader = connect_to_newest(engine)
        self._writer = connect_relaxed(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reader.close()
        self._writer.close()

    def look_up(self, run_id: RunId, subscriber_id: SubscriberId) -> tuple[str | None, int]:
        """Return a delivery's address, if it may be mailed at this moment, and its attempts."""
        named = {"run_id": run_id, "subscriber_id": subscriber_id}
        attempts, address = self._reader.execute(_look_up(), named).one()
        return address, attempts

    def record(self, **ending: Unpack[Ending]) -> bool:
        """Write down how an attempt ended; tell whether the delivery was still under its claim."""
        with self._writer.begin():
            return self._writer.execute(_end(), ending).rowcount == 1


@cache
def _look_up() -> Select[int, str | None]:
    address = mailable_subscribers().with_only_columns(SubscriberRow.address)
    of_this_one = address.where(SubscriberRow.id == bindparam("subscriber_id"))
    return select(DeliveryRow.attempts, of_this_one.scalar_subquery()).where(
        DeliveryRow.run_id == bindparam("run_id"),
        DeliveryRow.subscriber_id == bindparam("subscriber_id"),
    )


@cache
def _end() -> Update:
    table = cast("TableClause", DeliveryRow.__table__)
    columns = ("status", "attempts", "due_at", "ended_at", "code", "reply")
    return (
        update(table)
        .where(
            table.c.claim_id == bindparam("held_by"),
            table.c.subscriber_id == bindparam("to"),
            table.c.status == DeliveryStatus.CLAIMED,
        )
        .values({"claim_id": None, **{name: bindparam(name) for name in columns}})
    )
