"""Sending notices, each soon after it was asked for; what each kind is stands in a table."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from topthree.domain.ids import NoticeId
from topthree.domain.notice import NoticeKind, NoticeStatus
from topthree.domain.sending.backoff import jitter_of, retry_delay
from topthree.domain.sending.outcome import Outcome, Verdict
from topthree.domain.subscribers.address import without_addresses
from topthree.mail.message import build_notice
from topthree.mail.transport import Connection, Envelope, RelayUnavailable
from topthree.services.notices.notice_kinds import TREATMENTS
from topthree.services.wiring import Wiring
from topthree.store.notices.notices import NoticeRow, due_notices, put_off_due_notices

_log = logging.getLogger(__name__)

_AT_ONCE = 20
#: Another worker leaves a notice alone for this long after one has taken it in hand: longer than
#: the ten minutes that a relay may take over a final dot.
_IN_HAND = timedelta(minutes=30)
_RELAY_AWAY = timedelta(seconds=30)
_REPLY_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    id: NoticeId
    kind: NoticeKind
    about: int
    recipient: str
    attempts: int
    queued_at: datetime


def send_notices(wiring: Wiring) -> int:
    """Send the notices that are due, over one connection; return how many were taken in hand.

    A notice is put off before it is tried, so that a crash costs a delay and never a flood.
    """
    now = wiring.clock()
    with wiring.reading() as session:
        if not due_notices(session, now, 1):
            return 0
    count = 0
    try:
        with wiring.transport.connect() as connection:
            while count < _AT_ONCE and (notice := _take_in_hand(wiring)) is not None:
                count += 1
                _try(wiring, connection, notice)
    except RelayUnavailable as error:
        _log.warning("notices wait: %s", error)
        with wiring.writing() as session:
            put_off_due_notices(session, now, until=wiring.clock() + _RELAY_AWAY)
    return count


def _take_in_hand(wiring: Wiring) -> _Notice | None:
    """Return the next notice that is still wanted; others are closed on the way."""
    now = wiring.clock()
    with wiring.writing() as session:
        for row in due_notices(session, now, _AT_ONCE):
            why_not = _why_not(session, wiring, row, now)
            if why_not:
                row.status, row.recipient, row.reply = NoticeStatus.FAILED, "", why_not
                continue
            row.due_at = now + _IN_HAND
            return _value(row)
    return None


def _why_not(session: Session, wiring: Wiring, row: NoticeRow, now: datetime) -> str:
    """Say why the notice is of no use any more; empty if it is."""
    treatment = TREATMENTS[row.kind]
    if now - row.queued_at > treatment.lasts:
        return "nobody waits for it any more"
    is_wanted = treatment.is_wanted(session, wiring, row.about, now)
    return "" if is_wanted else "it is not wanted any more"


def _try(wiring: Wiring, connection: Connection, notice: _Notice) -> None:
    try:
        outcome = _send(wiring, connection, notice)
    except RelayUnavailable as error:
        # It was the relay that went away, so it counts as no attempt.
        with wiring.writing() as session:
            row = session.get_one(NoticeRow, notice.id)
            row.due_at = wiring.clock() + _RELAY_AWAY
            row.reply = without_addresses(str(error))[:_REPLY_LIMIT]
        raise
    except Exception:  # noqa: BLE001 - one that cannot be made must not hold the others
        _log.exception("notice %d cannot be made into a message", notice.id)
        outcome = Outcome(verdict=Verdict.REFUSED, code=0, reply="no message could be made of it")
    _record(wiring, notice, outcome)


def _send(wiring: Wiring, connection: Connection, notice: _Notice) -> Outcome:
    now = wiring.clock()
    domain = wiring.newsletter.domain
    with wiring.reading() as session:
        rendered = TREATMENTS[notice.kind].render(session, wiring, notice.about, now)
    message = build_notice(
        rendered,
        wiring.newsletter,
        recipient=notice.recipient,
        message_id=f"<{notice.kind}-{wiring.tokens.seal(f'notice {notice.id}')}@{domain}>",
        date=now,
    )
    envelope = Envelope(sender=wiring.newsletter.sender_address, recipient=notice.recipient)
    return connection.send(envelope, message)


def _record(wiring: Wiring, notice: _Notice, outcome: Outcome) -> None:
    now = wiring.clock()
    with wiring.writing() as session:
        row = session.get_one(NoticeRow, notice.id)
        row.attempts = notice.attempts + 1
        row.reply = without_addresses(f"{outcome.code} {outcome.reply}")[:_REPLY_LIMIT]
        if outcome.verdict is Verdict.ACCEPTED:
            row.status, row.recipient = NoticeStatus.SENT, ""
        elif outcome.verdict is Verdict.REFUSED:
            row.status, row.recipient = NoticeStatus.FAILED, ""
        else:
            row.due_at = now + retry_delay(row.attempts, jitter=jitter_of(row.id, row.attempts))


def _value(row: NoticeRow) -> _Notice:
    return _Notice(
        id=row.id,
        kind=row.kind,
        about=row.about,
        recipient=row.recipient,
        attempts=row.attempts,
        queued_at=row.queued_at,
    )
