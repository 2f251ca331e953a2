"""Sending a batch: claim some deliveries, send each over one connection, record each outcome."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from topthree.domain.delivery import (
    DELIVERY_TRANSITIONS,
    EVENT_FOR_VERDICT,
    GIVE_UP_AFTER,
    DeliveryEvent,
    DeliveryStatus,
    Outcome,
    Verdict,
    retry_delay,
)
from topthree.domain.ids import ClaimId, RunId, SubscriberId
from topthree.mail.headers import HeaderRefused
from topthree.mail.message import Splicer, issue_message_id
from topthree.mail.transport import Connection, Envelope
from topthree.services.wiring import Wiring
from topthree.store.runs import (
    ClaimRow,
    Ending,
    RunRow,
    claim_due,
    end_claimed,
    find_run,
    recipient_now,
    release_claim,
)
from topthree.tokens import Purpose

#: Longer than the ten minutes that a relay may take over a final dot (RFC 5321 §4.5.3.2.6), so
#: that no claim is taken over while its message is on the wire.
LEASE = timedelta(minutes=15)
_BATCH = 50
_DAY = timedelta(days=1)
_REPLY_LIMIT = 500
_LEFT = Outcome(verdict=Verdict.REFUSED, code=0, reply="left or suppressed since the run opened")


class MessageChanged(Exception):
    """The frozen bytes are not the ones that were frozen; nothing is sent from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Some deliveries that are ours until the lease ends, and what is needed to send them."""

    claim_id: ClaimId
    run_id: RunId
    lease_until: datetime
    opened_at: datetime
    salt: str
    splicer: Splicer
    subscriber_ids: tuple[SubscriberId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One try at a delivery: the how-many-eth, and what came of it."""

    number: int
    event: DeliveryEvent
    outcome: Outcome


def send_batch(
    wiring: Wiring, connection: Connection, run_id: RunId, should_stop: Callable[[], bool]
) -> int:
    """Send the run's next due deliveries and return how many were taken in hand; 0: none is due.

    No transaction is open while the relay is talked to. Whatever ends the batch early, deliveries
    that were not tried are queued again; after a crash that happens when the worker starts again,
    or when the lease ends.

    :raises RelayUnavailable: if the connection is of no use any more.
    :raises MessageChanged: if the frozen message is not what was frozen.
    """
    batch = _claim(wiring, run_id)
    if batch is None:
        return 0
    try:
        for subscriber_id in batch.subscriber_ids:
            if should_stop() or wiring.clock() >= batch.lease_until - LEASE / 3:
                break
            _deliver(wiring, connection, batch, subscriber_id)
    finally:
        with wiring.writing() as session:
            release_claim(session, batch.claim_id)
    return len(batch.subscriber_ids)


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
            lease_until=claim.lease_until,
            opened_at=run.opened_at,
            salt=run.salt,
            splicer=Splicer(_checked_message(run)),
            subscriber_ids=subscriber_ids,
        )


def _checked_message(run: RunRow) -> bytes:
    if hashlib.sha256(run.message).hexdigest() != run.message_digest:
        raise MessageChanged(run.id)
    return run.message


def _deliver(
    wiring: Wiring, connection: Connection, batch: _Batch, subscriber_id: SubscriberId
) -> None:
    with wiring.reading() as session:
        # Read just before the message leaves: who has left by now gets nothing.
        address, attempts = recipient_now(session, batch.run_id, subscriber_id)
    if address is None:
        attempt = _Attempt(number=attempts, event=DeliveryEvent.SKIP, outcome=_LEFT)
    else:
        outcome = _send(wiring, connection, batch, (subscriber_id, address))
        event = EVENT_FOR_VERDICT[outcome.verdict]
        attempt = _Attempt(number=attempts + 1, event=event, outcome=outcome)
    ending = _ending(batch, subscriber_id, attempt, wiring.clock())
    with wiring.writing() as session:
        end_claimed(session, ending)


def _ending(batch: _Batch, subscriber_id: SubscriberId, attempt: _Attempt, now: datetime) -> Ending:
    event = attempt.event
    due_at = now
    if event is DeliveryEvent.DEFER:
        due_at += retry_delay(attempt.number)
        if due_at > batch.opened_at + GIVE_UP_AFTER:
            event = DeliveryEvent.REFUSE
    status = DELIVERY_TRANSITIONS[DeliveryStatus.CLAIMED, event]
    if status is None:
        raise AssertionError(event)
    return Ending(
        held_by=batch.claim_id,
        to=subscriber_id,
        status=status,
        attempts=attempt.number,
        due_at=due_at,
        ended_at=None if event is DeliveryEvent.DEFER else now,
        code=attempt.outcome.code,
        reply=attempt.outcome.reply[:_REPLY_LIMIT],
    )


def _send(
    wiring: Wiring, connection: Connection, batch: _Batch, to: tuple[SubscriberId, str]
) -> Outcome:
    subscriber_id, address = to
    now = wiring.clock()
    domain = wiring.newsletter.domain
    try:
        message = batch.splicer.splice(
            recipient=address,
            token=wiring.tokens.sign(Purpose.UNSUBSCRIBE, subscriber_id, now),
            message_id=issue_message_id(
                batch.run_id, subscriber_id, domain=domain, salt=batch.salt
            ),
            date=_date_of(batch.opened_at, now),
        )
    except HeaderRefused as error:
        # One address that no header can hold must not stop the others.
        return Outcome(verdict=Verdict.REFUSED, code=0, reply=str(error))
    sender = bounce_sender(wiring, batch.run_id, subscriber_id)
    return connection.send(Envelope(sender=sender, recipient=address), message)


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
