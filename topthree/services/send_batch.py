"""Sending a batch: claim some deliveries, send each over one connection, record each outcome."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from topthree.domain.address import without_addresses
from topthree.domain.delivery import (
    DELIVERY_TRANSITIONS,
    EVENT_FOR_VERDICT,
    GIVE_UP_AFTER,
    DeliveryEvent,
    DeliveryStatus,
    retry_delay,
)
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.domain.outcome import Outcome, Verdict
from topthree.mail.headers import HeaderRefused
from topthree.mail.message import Splicer, issue_message_id
from topthree.mail.transport import Connection, Envelope, Mail, Phase, RelayUnavailable
from topthree.services.wiring import Wiring
from topthree.store.claims import claim_due, release_claim
from topthree.store.deliveries import ClaimRow
from topthree.store.ledger import Ledger
from topthree.store.runs import RunRow, find_run
from topthree.tokens import Purpose

#: No message of a claim is begun later than this, and one may take a relay's ten minutes over its
#: final dot (RFC 5321 §4.5.3.2.6) besides a minute for each command: so no claim is taken over
#: while its message is on the wire.
_BEGIN_WITHIN = timedelta(minutes=10)
LEASE = _BEGIN_WITHIN + timedelta(minutes=20)
_BATCH = 50
_DAY = timedelta(days=1)
_REPLY_LIMIT = 500
_ABOUT_ONE_MESSAGE = frozenset({Phase.RECIPIENT, Phase.DATA, Phase.BODY})
_TOO_OLD = Outcome(verdict=Verdict.REFUSED, code=0, reply="the issue has grown too old to send")
_LEFT = Outcome(verdict=Verdict.REFUSED, code=0, reply="left or suppressed since the run opened")


class ClaimLost(Exception):
    """Another worker has taken the deliveries over; this one sends none of them any more."""


class MessageChanged(Exception):
    """The frozen bytes are not the ones that were frozen; nothing is sent from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Some deliveries that are ours until the lease ends, and what is needed to send them."""

    claim_id: ClaimId
    run_id: RunId
    #: No message is begun after this: its answer might come when the lease has ended.
    safe_until: datetime
    opened_at: datetime
    salt: str
    splicer: Splicer
    subscriber_ids: tuple[SubscriberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one sending thread has open: the relay, and the ledger."""

    connection: Connection
    ledger: Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One try at a delivery: whose, and the how-many-eth."""

    to: SubscriberId
    number: int


def send_batch(wiring: Wiring, way: Way, run_id: RunId, should_stop: Callable[[], bool]) -> int:
    """Send the run's next due deliveries and return how many were taken in hand; 0: none is due.

    No transaction is open while the relay is talked to. An ending is recorded before the next
    message leaves, so that at most one message of a connection is ever of unknown fate. Whatever
    ends the batch early, deliveries that were not tried are queued again; after a crash that
    happens when the worker starts again, or when the lease ends.

    :raises RelayUnavailable: if the connection is of no use any more.
    :raises MessageChanged: if the frozen message is not what was frozen.
    """
    batch = _claim(wiring, run_id)
    if batch is None:
        return 0
    letters = _Letters(wiring, way.ledger, batch, should_stop)
    try:
        for outcome in way.connection.send_each(letters):
            letters.record(outcome)
    except RelayUnavailable as error:
        letters.put_off(error)
        raise
    finally:
        with wiring.writing() as session:
            release_claim(session, batch.claim_id)
    return len(batch.subscriber_ids)


class _Letters:
    """The messages of a batch, each made just before it leaves; and the endings, in their order."""

    def __init__(
        self, wiring: Wiring, ledger: Ledger, batch: _Batch, should_stop: Callable[[], bool]
    ) -> None:
        self._wiring = wiring
        self._ledger = ledger
        self._batch = batch
        self._should_stop = should_stop
        #: Handed over, and not answered yet: with a pipeline, two at the most.
        self._on_their_way: deque[_Attempt] = deque()

    def __iter__(self) -> Iterator[Mail]:
        for subscriber_id in self._batch.subscriber_ids:
            if self._should_stop() or self._wiring.clock() >= self._batch.safe_until:
                return
            # Read just before the message leaves: who has left by now gets nothing.
            address, attempts = self._ledger.look_up(self._batch.run_id, subscriber_id)
            attempt = _Attempt(to=subscriber_id, number=attempts + 1)
            if address is None:
                self._end(attempt, DeliveryEvent.SKIP, _LEFT)
                continue
            if self._wiring.clock() > self._batch.opened_at + GIVE_UP_AFTER:
                self._end(attempt, DeliveryEvent.REFUSE, _TOO_OLD)
                continue
            try:
                mail = self._mail(subscriber_id, address)
            except HeaderRefused as error:
                # One address that no header can hold must not stop the others.
                outcome = Outcome(verdict=Verdict.REFUSED, code=0, reply=str(error))
                self._end(attempt, DeliveryEvent.REFUSE, outcome)
                continue
            self._on_their_way.append(attempt)
            yield mail

    def record(self, outcome: Outcome) -> None:
        """Write down the ending of the message that was handed over first."""
        self._end(self._on_their_way.popleft(), EVENT_FOR_VERDICT[outcome.verdict], outcome)

    def put_off(self, error: RelayUnavailable) -> None:
        """Let the message wait at which the relay broke off, if it had come to its recipient.

        Otherwise one recipient at whom a relay always hangs up would keep all others waiting.
        """
        if self._on_their_way and error.phase in _ABOUT_ONE_MESSAGE:
            self.record(Outcome(verdict=Verdict.DEFERRED, code=error.code, reply=str(error)))

    def _mail(self, subscriber_id: SubscriberId, address: str) -> Mail:
        wiring, batch = self._wiring, self._batch
        now = wiring.clock()
        message = batch.splicer.splice(
            recipient=address,
            token=wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id, now),
            message_id=issue_message_id(
                batch.run_id, subscriber_id, domain=wiring.newsletter.domain, salt=batch.salt
            ),
            date=_date_of(batch.opened_at, now),
        )
        sender = bounce_sender(wiring, batch.run_id, subscriber_id)
        return Mail(envelope=Envelope(sender=sender, recipient=address), message=message)

    def _end(self, attempt: _Attempt, event: DeliveryEvent, outcome: Outcome) -> None:
        now = self._wiring.clock()
        due_at = now
        if event is DeliveryEvent.DEFER:
            due_at += retry_delay(attempt.number)
            if due_at > self._batch.opened_at + GIVE_UP_AFTER:
                event = DeliveryEvent.REFUSE
        status = DELIVERY_TRANSITIONS[DeliveryStatus.CLAIMED, event]
        if status is None:
            raise AssertionError(event)
        is_recorded = self._ledger.record(
            held_by=self._batch.claim_id,
            to=attempt.to,
            status=status,
            attempts=attempt.number - (event is DeliveryEvent.SKIP),
            due_at=due_at,
            ended_at=None if event is DeliveryEvent.DEFER else now,
            code=outcome.code,
            reply=without_addresses(outcome.reply)[:_REPLY_LIMIT],
        )
        if not is_recorded:
            raise ClaimLost(self._batch.claim_id)


def _claim(wiring: Wiring, run_id: RunId) -> _Batch | None:
    now = wiring.clock()
    with wiring.writing() as session:
        run = find_run(session, run_id)
        if run is None:
            return None
        claim = ClaimRow(
            run_id=run_id, worker=wiring.worker, claimed_at=now, lease_until=now + LEASE
        )
        session.add(claim)
        session.flush()
        subscriber_ids = tuple(claim_due(session, claim, now=now, limit=_BATCH))
        if not subscriber_ids:
            session.delete(claim)
            return None
        return _Batch(
            claim_id=claim.id,
            run_id=run_id,
            safe_until=now + _BEGIN_WITHIN,
            opened_at=run.opened_at,
            salt=run.salt,
            splicer=_splicer(_checked_message(run)),
            subscriber_ids=subscriber_ids,
        )


@lru_cache(maxsize=4)
def _splicer(message: bytes) -> Splicer:
    """Return the splicer of this message; every batch of a run needs the same one."""
    return Splicer(message)


def _checked_message(run: RunRow) -> bytes:
    if hashlib.sha256(run.message).hexdigest() != run.message_digest:
        raise MessageChanged(run.id)
    return run.message


def bounce_sender(wiring: Wiring, run_id: RunId, subscriber_id: SubscriberId) -> str:
    """Return the envelope's sender: one of its own for each delivery, if bounces are received.

    The mark in it shows that a bounce concerns a message of ours (VERP; standards R-20).
    """
    local, _, domain = wiring.bounce_address.rpartition("@")
    if not local:
        return wiring.newsletter.sender_address
    delivery = f"{run_id}-{subscriber_id}"
    return f"{local}+{delivery}-{wiring.tokens.seal(delivery)}@{domain}"


def _date_of(opened_at: datetime, now: datetime) -> datetime:
    """Return the Date of a message: the same at every try, moved on by whole days when it is late.

    Yahoo refuses dates that are far off; copies that differ in Date are kept twice (R-10, P4).
    """
    return opened_at + ((now - opened_at) // _DAY) * _DAY
