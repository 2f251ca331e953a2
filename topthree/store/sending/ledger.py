"""The ledger as a sender uses it: a connection kept open, two statements, nothing in between."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, cast

from sqlalchemy import ClauseElement, Engine, TableClause, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.conclusion import Conclusion
from topthree.domain.sending.delivery import DeliveryStatus
from topthree.domain.sending.run import RunStatus
from topthree.store.engine import DriverConnection, connect_relaxed
from topthree.store.prepared import Prepared
from topthree.store.sending.deliveries import DeliveryRow
from topthree.store.sending.runs import RunRow
from topthree.store.subscribers.subscribers import SubscriberRow, mailable_subscribers


class LedgerUnavailable(Exception):
    """The database did not take, or give, what the sender needs; see :meth:`Ledger.recover`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one attempt at a delivery ended, in the relay's own words."""

    run_id: RunId
    to: SubscriberId
    #: The claim that the delivery must still be under.
    held_by: ClaimId
    conclusion: Conclusion
    code: int
    reply: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delivery stands just before its message leaves."""

    attempts: int
    #: None: this person may not be mailed any more.
    address: str | None
    #: Whether the run still goes on.
    is_running: bool
    #: What the last attempt came to.
    cause: Cause | None


class Ledger:
    """What one sending thread reads and writes for each message; not shared between threads.

    An ending is committed at once, so that a killed process has recorded all but the message in
    flight, but it reaches the disk with the next claim: flushing each would cost more than sending
    it. Losing power forgets at most the endings since the last claim (reliability P3); a database
    that forgets them while this process lives is told again.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._look_up = Prepared(_look_up(), engine.dialect)
        self._end = Prepared(_end(), engine.dialect)
        self._understood = _Understood((engine.dialect.loaded_dbapi.Error, DBAPIError))
        #: What was recorded since the last flush, or could not be.
        self._unflushed: list[Ending] = []
        self._claim_id: ClaimId | None = None
        self._expected: ClaimId | None = None
        #: Kept in their order.
        self._untried: dict[SubscriberId, None] = {}
        with self._understood:
            self._connection: DriverConnection | None = connect_relaxed(engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def claim_id(self) -> ClaimId | None:
        """The claim in hand, which may hold deliveries that were not tried."""
        return self._claim_id

    @property
    def expected(self) -> ClaimId | None:
        """A claim that may be ours, because nobody has heard whether its commit worked."""
        return self._expected

    @property
    def untried(self) -> Collection[SubscriberId]:
        """Whose deliveries of the claim in hand have no ending yet."""
        return self._untried

    def expect(self, claim_id: ClaimId | None) -> None:
        """Note which claim is about to be committed; until it is in hand, it may be ours or not."""
        self._expected = claim_id

    def take_in_hand(
        self, claim_id: ClaimId | None, subscriber_ids: Iterable[SubscriberId] = ()
    ) -> None:
        """Note what is in hand; what was recorded before is on the disk with its commit."""
        self._claim_id, self._expected = claim_id, None
        self._untried = dict.fromkeys(subscriber_ids)
        self._unflushed.clear()

    def look_up(self, run_id: RunId, subscriber_id: SubscriberId) -> Standing:
        """Return how a delivery stands at this moment.

        :raises LedgerUnavailable: if the database cannot be asked.
        """
        values = self._look_up.bind({"run_id": run_id, "subscriber_id": subscriber_id})
        with self._understood:
            row = self._open_connection().ask(self._look_up.sql, values)
        attempts, address, run_status, cause = row
        is_running = run_status == RunStatus.RUNNING.value
        return Standing(attempts, address, is_running, None if cause is None else Cause(cause))

    def record(self, ending: Ending) -> bool:
        """Write down how an attempt ended; tell whether the delivery was still under its claim.

        :raises LedgerUnavailable: if it could not be written; it is kept for :meth:`recover`.
        """
        self._unflushed.append(ending)
        is_recorded = self._write(ending)
        self._untried.pop(ending.to, None)
        return is_recorded

    def recover(self) -> None:
        """Open the database anew and write down again what it may have forgotten.

        Nothing may be sent before this has worked: then one message at the most is of unknown
        fate. The claim is still in hand afterwards. Twice is harmless.

        :raises LedgerUnavailable: if the database is still away.
        """
        self._close()
        with self._understood:
            self._connection = connect_relaxed(self._engine)
        for ending in self._unflushed:
            self._write(ending)
            self._untried.pop(ending.to, None)

    def _write(self, ending: Ending) -> bool:
        after = ending.conclusion
        values = self._end.bind(
            {
                "of": ending.run_id,
                "to": ending.to,
                "held_by": ending.held_by,
                "status": after.status,
                "attempts": after.attempts,
                "due_at": after.due_at,
                "ended_at": after.ended_at,
                "cause": after.cause,
                "code": ending.code,
                "reply": ending.reply,
            }
        )
        with self._understood:
            return self._open_connection().change(self._end.sql, values) == 1

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Once and not twice: others may share it.
            connection.close()

    def _open_connection(self) -> DriverConnection:
        if self._connection is None:
            raise LedgerUnavailable("The database is away.")
        return self._connection


class _Understood:
    """Says of a driver's errors what they mean to a sender; made once, and entered for each row."""

    def __init__(self, failures: tuple[type[Exception], ...]) -> None:
        self._failures = failures

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, self._failures):
            raise LedgerUnavailable(str(error)) from error


def _look_up() -> ClauseElement:
    of_this_one = SubscriberRow.id == bindparam("subscriber_id")
    address = mailable_subscribers().with_only_columns(SubscriberRow.address).where(of_this_one)
    status = select(RunRow.status).where(RunRow.id == bindparam("run_id"))
    return select(
        DeliveryRow.attempts,
        address.scalar_subquery(),
        status.scalar_subquery(),
        DeliveryRow.cause,
    ).where(
        DeliveryRow.run_id == bindparam("run_id"),
        DeliveryRow.subscriber_id == bindparam("subscriber_id"),
    )


def _end() -> ClauseElement:
    table = cast("TableClause", DeliveryRow.__table__)
    columns = ("status", "attempts", "due_at", "ended_at", "cause", "code", "reply")
    return (
        update(table)
        .where(
            table.c.run_id == bindparam("of"),
            table.c.subscriber_id == bindparam("to"),
            table.c.claim_id == bindparam("held_by"),
            table.c.status == DeliveryStatus.CLAIMED,
        )
        .values({"claim_id": None, **{name: bindparam(name) for name in columns}})
    )
