"""Sending a batch: each delivery that was claimed over one connection, each outcome recorded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from topthree.domain.ids import SubscriberId
from topthree.domain.sending.conclusion import Attempt, Conclusion, conclude, give_up, put_off, skip
from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.domain.sending.relay_reply import Fate, judge
from topthree.domain.subscribers.address import without_addresses
from topthree.mail.headers import HeaderRefused
from topthree.mail.message import issue_message_id
from topthree.mail.transport import Connection, Envelope, Mail, Phase, RelayUnavailable
from topthree.services.sending.bounce_address import bounce_sender
from topthree.services.sending.claim_batch import Batch
from topthree.services.sending.heed_reply import follow_advice, heed_reply
from topthree.services.wiring import Wiring
from topthree.store.sending.ledger import Ending, Ledger
from topthree.tokens import Purpose

_DAY = timedelta(days=1)
_REPLY_LIMIT = 500
_ABOUT_ONE_MESSAGE = frozenset({Phase.RECIPIENT, Phase.DATA, Phase.BODY})
_TOO_OLD = "the issue has grown too old to send"
_CLOSED = "its provider has asked us to wait"
_LEFT = "left or suppressed since the run opened"


class ClaimLost(Exception):
    """Another worker has taken the deliveries over; this one sends none of them any more."""


class RunRests(Exception):
    """The run is only probed for now, and the next probe is not due yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one sending thread has open: the relay, and the ledger."""

    connection: Connection
    ledger: Ledger


def send_batch(wiring: Wiring, way: Way, batch: Batch, should_stop: Callable[[], bool]) -> None:
    """Send what the claim holds, in order, over one connection, until done or told to stop.

    No transaction is open while the relay is talked to. An ending is recorded before the next
    message leaves, so that at most one message of a connection is ever of unknown fate. The caller
    ends the claim, whatever comes of this, unless the ledger is away: then it is recovered first.

    :raises RelayUnavailable: if the connection is of no use any more.
    :raises LedgerUnavailable: if an ending could not be written down.
    :raises ClaimLost: if another worker has what was ours.
    :raises RunRests: if there was so much trouble that it is not the time for another message.
    """
    letters = _Letters(wiring, way.ledger, batch, should_stop)
    try:
        for outcome in way.connection.send_each(letters):
            letters.record(outcome)
    except RelayUnavailable as error:
        letters.put_off(error)
        raise
    if letters.rests:
        raise RunRests(batch.run_id)


class _Letters:
    """The messages of a batch, each made just before it leaves; and the endings, in their order."""

    def __init__(
        self, wiring: Wiring, ledger: Ledger, batch: Batch, should_stop: Callable[[], bool]
    ) -> None:
        self._wiring = wiring
        self._ledger = ledger
        self._batch = batch
        #: It is not the time for another message.
        self.rests = False
        self._conduct = wiring.conduct.of(batch.stretch)
        self._should_stop = should_stop
        #: Handed over, and not answered yet: with a pipeline, two at the most.
        self._on_their_way: deque[Attempt] = deque()

    def __iter__(self) -> Iterator[Mail]:
        for subscriber_id in self._batch.subscriber_ids:
            if self._should_stop():
                return
            elapsed = self._wiring.elapsed()
            if elapsed >= self._batch.begin_until:
                return
            if not self._conduct.take_turn(elapsed):
                # Ended and not broken off: the message before this one may still be on its way.
                self.rests = True
                return
            # Read just before the message leaves: who has left by now gets nothing.
            standing = self._ledger.look_up(self._batch.run_id, subscriber_id)
            if not standing.is_running:
                return
            attempt = Attempt(
                run_id=self._batch.run_id,
                to=subscriber_id,
                number=standing.attempts + 1,
                domain=(standing.address or "").rpartition("@")[2],
                last_cause=standing.cause,
            )
            mail = self._mail_unless_ended(attempt, standing.address)
            if mail is not None:
                self._on_their_way.append(attempt)
                yield mail

    def record(self, outcome: Outcome) -> None:
        """Write down the ending of the message that was handed over first."""
        self._judge(self._on_their_way.popleft(), outcome)

    def put_off(self, error: RelayUnavailable) -> None:
        """Let the message wait at which the relay broke off, if it had come to its recipient.

        Otherwise one recipient at whom a relay always hangs up would keep all others waiting.
        """
        if self._on_their_way and error.phase in _ABOUT_ONE_MESSAGE:
            self.record(Outcome(verdict=Verdict.DEFERRED, code=error.code, reply=error.reply))

    def _mail_unless_ended(self, attempt: Attempt, address: str | None) -> Mail | None:
        now = self._wiring.clock()
        if address is None:
            self._end(attempt, skip(attempt, now), reply=_LEFT)
        elif now > self._batch.give_up_at:
            self._end(attempt, give_up(attempt, now), reply=_TOO_OLD)
        elif until := self._wiring.closures.closed_until(attempt.domain, now):
            self._end(attempt, put_off(attempt, until), reply=_CLOSED)
        else:
            try:
                return self._mail(attempt.to, address)
            except HeaderRefused as error:
                # One address that no header can hold must not stop the others.
                self._judge(attempt, Outcome(verdict=Verdict.REFUSED, code=0, reply=str(error)))
        return None

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
        return Mail(
            envelope=Envelope(sender=sender, recipient=address),
            message=message,
            is_dotless=batch.splicer.is_dotless,
        )

    def _judge(self, attempt: Attempt, outcome: Outcome) -> None:
        ruling = judge(outcome)
        conclusion = conclude(
            attempt,
            ruling,
            now=self._wiring.clock(),
            give_up_at=self._batch.give_up_at,
            policy=self._wiring.doubts.policy,
        )
        self._end(attempt, conclusion, code=outcome.code, reply=outcome.reply)
        if ruling.fate is Fate.ACCEPT:
            # Even so: other processes may have seen what this one has not.
            follow_advice(self._wiring, attempt.run_id, self._conduct.record(ruling))
        else:
            heed_reply(self._wiring, self._batch.stretch, attempt, ruling)

    def _end(self, attempt: Attempt, conclusion: Conclusion, *, reply: str, code: int = 0) -> None:
        is_recorded = self._ledger.record(
            Ending(
                run_id=attempt.run_id,
                to=attempt.to,
                held_by=self._batch.claim_id,
                conclusion=conclusion,
                code=code,
                reply=without_addresses(reply)[:_REPLY_LIMIT],
            )
        )
        if not is_recorded:
            raise ClaimLost(self._batch.claim_id)


def _date_of(opened_at: datetime, now: datetime) -> datetime:
    """Return the Date of a message: the same at every try, moved on by whole days when it is late.

    Yahoo refuses dates that are far off; copies that differ in Date are kept twice (R-10, P4).
    """
    return opened_at + ((now - opened_at) // _DAY) * _DAY
