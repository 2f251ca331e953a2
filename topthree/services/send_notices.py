"""Sending notices: confirmations and sign-in links, each soon after it was asked for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from topthree.domain.delivery import Outcome, Verdict, retry_delay
from topthree.domain.ids import NoticeId
from topthree.domain.notice import NoticeKind, NoticeStatus
from topthree.mail.message import build_notice
from topthree.mail.transport import Connection, Envelope, RelayUnavailable
from topthree.render.notices import render_already_subscribed, render_confirmation, render_sign_in
from topthree.render.values import RenderedMessage
from topthree.services.wiring import Wiring
from topthree.store.notices import NoticeRow, due_notices
from topthree.tokens import Purpose

_log = logging.getLogger(__name__)

_AT_ONCE = 20
#: Another worker leaves a notice alone for this long after one has taken it in hand.
_IN_HAND = timedelta(minutes=15)
#: Nobody waits longer than this for a confirmation or a link.
_GIVE_UP_AFTER = timedelta(hours=24)
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
    notices = _take_in_hand(wiring)
    if not notices:
        return 0
    sent = 0
    try:
        with wiring.transport.connect() as connection:
            for notice in notices:
                _record(wiring, notice, _send(wiring, connection, notice))
                sent += 1
    except RelayUnavailable as error:
        _log.warning("notices wait: %s", error)
        _put_off(wiring, notices[sent:], str(error))
    return len(notices)


def _take_in_hand(wiring: Wiring) -> tuple[_Notice, ...]:
    now = wiring.clock()
    with wiring.reading() as session:
        if not due_notices(session, now, 1):
            return ()
    with wiring.writing() as session:
        rows = due_notices(session, now, _AT_ONCE)
        for row in rows:
            row.due_at = now + _IN_HAND
        return tuple(_value(row) for row in rows)


def _send(wiring: Wiring, connection: Connection, notice: _Notice) -> Outcome:
    now = wiring.clock()
    domain = wiring.newsletter.domain
    message = build_notice(
        _rendered(wiring, notice, now),
        wiring.newsletter,
        recipient=notice.recipient,
        message_id=f"<{notice.kind}-{wiring.tokens.seal(f'notice {notice.id}')}@{domain}>",
        date=now,
    )
    envelope = Envelope(sender=wiring.newsletter.sender_address, recipient=notice.recipient)
    return connection.send(envelope, message)


def _rendered(wiring: Wiring, notice: _Notice, now: datetime) -> RenderedMessage:
    newsletter, tokens = wiring.newsletter, wiring.tokens
    match notice.kind:
        case NoticeKind.CONFIRM_SUBSCRIPTION:
            return render_confirmation(
                newsletter,
                code=tokens.code(Purpose.CONFIRM, notice.about),
                confirm_url=newsletter.confirm_url(tokens.sign(Purpose.CONFIRM, notice.about, now)),
                disown_url=newsletter.disown_url(tokens.sign(Purpose.DISOWN, notice.about, now)),
            )
        case NoticeKind.ALREADY_SUBSCRIBED:
            return render_already_subscribed(newsletter)
        case NoticeKind.SIGN_IN:
            return render_sign_in(
                newsletter,
                code=tokens.code(Purpose.SIGN_IN, notice.about),
                url=newsletter.sign_in_url(tokens.sign(Purpose.SIGN_IN, notice.about, now)),
            )


def _record(wiring: Wiring, notice: _Notice, outcome: Outcome) -> None:
    now = wiring.clock()
    with wiring.writing() as session:
        row = session.get_one(NoticeRow, notice.id)
        row.attempts = notice.attempts + 1
        row.reply = f"{outcome.code} {outcome.reply}"[:_REPLY_LIMIT]
        is_stale = now - notice.queued_at > _GIVE_UP_AFTER
        if outcome.verdict is Verdict.ACCEPTED:
            row.status, row.recipient = NoticeStatus.SENT, ""
        elif outcome.verdict is Verdict.REFUSED or is_stale:
            row.status, row.recipient = NoticeStatus.FAILED, ""
        else:
            row.due_at = now + retry_delay(row.attempts)


def _put_off(wiring: Wiring, notices: tuple[_Notice, ...], why: str) -> None:
    """Try again soon: it is the relay that was away, so it counts as no attempt."""
    now = wiring.clock()
    with wiring.writing() as session:
        for notice in notices:
            row = session.get_one(NoticeRow, notice.id)
            row.due_at, row.reply = now + _RELAY_AWAY, why[:_REPLY_LIMIT]


def _value(row: NoticeRow) -> _Notice:
    return _Notice(
        id=row.id,
        kind=row.kind,
        about=row.about,
        recipient=row.recipient,
        attempts=row.attempts,
        queued_at=row.queued_at,
    )
