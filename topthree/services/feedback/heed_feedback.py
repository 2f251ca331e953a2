"""What mail that came in calls for: a bounce, a complaint, or a letter that asks to leave.

Nothing is ever answered, and nothing counts that does not carry our own mark: the address of one
delivery (VERP) or the token of one person.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product

from sqlalchemy.orm import Session

from topthree.domain.audit.entry import READER, SERVICE
from topthree.domain.ids import RunId, SubscriberId
from topthree.domain.newsletter import UNSUBSCRIBE_TOKEN_LENGTH
from topthree.domain.sending.breaker import judge_tally
from topthree.domain.sending.cause import Cause
from topthree.domain.sending.feedback import CONSEQUENCES, FeedbackKind, mildest
from topthree.domain.subscribers.address import without_addresses
from topthree.mail.inbound.incoming import Incoming, Nature, read_incoming
from topthree.mail.message import issue_message_id
from topthree.services.sending.bounce_address import delivery_of
from topthree.services.sending.claim_batch import stretch_of
from topthree.services.sending.heed_reply import follow_advice
from topthree.services.sending.share_tally import counted
from topthree.services.sending.soft_bounces import close_if_bouncing_for_long
from topthree.services.subscribers.close_address import close_address
from topthree.services.subscribers.unsubscribe import complain, leave_by_mail
from topthree.services.wiring import Wiring
from topthree.store.sending.feedback import (
    FeedbackRow,
    HeededMessageRow,
    find_feedback,
    recent_endings,
    was_heeded,
)
from topthree.store.sending.runs import find_run, newest_salts
from topthree.store.subscribers.subscribers import find_subscriber, find_subscriber_by_key
from topthree.tokens import Purpose, TokenRefused

_log = logging.getLogger(__name__)

_TOKEN = re.compile(rf"[A-Za-z0-9~_-]{{{UNSUBSCRIBE_TOKEN_LENGTH}}}")
_SAID_LIMIT = 500
#: What comes back comes within days; more than one issue may be on its way.
_RUNS_LOOKED_AT = 5


class Heeded(StrEnum):
    """What became of one message that came in."""

    HARD = FeedbackKind.HARD
    SOFT = FeedbackKind.SOFT
    OTHER = FeedbackKind.OTHER
    COMPLAINT = FeedbackKind.COMPLAINT
    LEFT = "left"
    #: It came before, or says what was known.
    KNOWN = "known already"
    #: It asks for nothing: a delay, an automatic answer, a letter to nobody in particular.
    NOTHING = "nothing to do"
    #: It carries no mark of ours, or a forged one.
    FOREIGN = "not about our mail"
    #: A mistake of ours; the log says which.
    FAILED = "could not be read"


_WITHOUT_CONSEQUENCE = (Heeded.NOTHING, Heeded.FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feedback:
    """What a report says, before it is known about whom."""

    kind: FeedbackKind
    cause: Cause | None = None
    said: str = ""


def heed_message(wiring: Wiring, raw: bytes) -> Heeded:
    """Do what the message calls for; see :func:`heed_incoming`."""
    return heed_incoming(wiring, read_incoming(raw), raw)


def heed_incoming(wiring: Wiring, incoming: Incoming, identity: bytes) -> Heeded:
    """Do what came in calls for, and say what that was; twice is harmless, in any order.

    Commits by itself.

    :param identity: what is the same if it comes once more, and different for anything else.
    """
    if incoming.nature is Nature.AUTOMATIC:
        return Heeded.NOTHING
    digest = hashlib.sha256(identity).digest()
    now = wiring.clock()
    with wiring.writing() as session:
        if was_heeded(session, digest):
            return Heeded.KNOWN
        heed = _heed_letter if incoming.nature is Nature.LETTER else _heed_report
        heeded, run_id = heed(session, wiring, incoming, now)
        if heeded not in _WITHOUT_CONSEQUENCE:
            session.add(HeededMessageRow(digest=digest, at=now))
    if run_id is not None:
        _judge_run(wiring, run_id)
    return heeded


def _heed_letter(
    session: Session, wiring: Wiring, incoming: Incoming, now: datetime
) -> tuple[Heeded, None]:
    """Let somebody leave whose mail program wrote to the address of List-Unsubscribe (R-127).

    Who it is from, and what it says, is of no interest: the address holds their token.
    """
    if wiring.newsletter.sender_address.lower() in incoming.authors:
        # Our own mail has come back to us. Nothing of ours asks to leave.
        return Heeded.NOTHING, None
    subscriber_id = next(_named_in(wiring, " ".join(incoming.recipients), now), None)
    if subscriber_id is None:
        return Heeded.NOTHING, None
    has_left = leave_by_mail(session, subscriber_id, now)
    return Heeded.LEFT if has_left else Heeded.KNOWN, None


def _heed_report(
    session: Session, wiring: Wiring, incoming: Incoming, now: datetime
) -> tuple[Heeded, RunId | None]:
    """Do what a bounce or a complaint calls for; return the run that is to be judged anew."""
    feedback = _feedback_of(incoming)
    if feedback is None:
        return Heeded.NOTHING, None
    about = _find_delivery(session, wiring, incoming, now)
    if about is None:
        return Heeded.FOREIGN, None
    run_id, subscriber_id = about
    if not _record(session, run_id, subscriber_id, feedback, now):
        return Heeded.KNOWN, None
    return Heeded(feedback.kind.value), run_id


def _feedback_of(incoming: Incoming) -> _Feedback | None:
    if incoming.nature is Nature.COMPLAINT:
        return _Feedback(kind=FeedbackKind.COMPLAINT)
    if not incoming.failures:
        return None
    failure = mildest(incoming.failures)
    said = without_addresses(failure.diagnostic or failure.status)[:_SAID_LIMIT]
    # PostgreSQL keeps no NUL, and no database half a pair of UTF-16.
    plain = "".join(sign if sign.isprintable() else " " for sign in said)
    return _Feedback(kind=failure.kind, cause=failure.cause, said=plain)


def _find_delivery(
    session: Session, wiring: Wiring, incoming: Incoming, now: datetime
) -> tuple[RunId | None, SubscriberId] | None:
    """Say which delivery a report is about; without a run if only the person is known (R-43).

    First by the address that our message travelled under, then by its Message-ID, then by the token
    in its links. An address of a person is never enough: anybody could write it down.
    """
    for address in (*incoming.recipients, *incoming.senders):
        delivery = delivery_of(wiring.tokens, address)
        if delivery is not None and find_subscriber(session, delivery[1]) is not None:
            run_id, subscriber_id = delivery
            return (run_id if find_run(session, run_id) else None), subscriber_id
    delivery = _delivery_of_message(session, wiring, incoming)
    if delivery is not None:
        return delivery
    for subscriber_id in _named_in(wiring, " ".join(incoming.links), now):
        if find_subscriber(session, subscriber_id) is not None:
            # People complain about the last one that they got.
            newest = recent_endings(session, subscriber_id, runs=1)
            return (newest[0].run_id if newest else None), subscriber_id
    return None


def _delivery_of_message(
    session: Session, wiring: Wiring, incoming: Incoming
) -> tuple[RunId, SubscriberId] | None:
    """Say which delivery of late to one of the addressees has one of these Message-IDs."""
    domain = wiring.newsletter.domain
    keys = incoming.addressees if incoming.message_ids else ()
    subscribers = (find_subscriber_by_key(session, key.casefold()) for key in keys)
    for subscriber, (run_id, salt) in product(
        filter(None, subscribers), newest_salts(session, _RUNS_LOOKED_AT)
    ):
        known = issue_message_id(run_id, subscriber.id, domain=domain, salt=salt)
        if known in incoming.message_ids:
            return run_id, subscriber.id
    return None


def _named_in(wiring: Wiring, text: str, now: datetime) -> Iterator[SubscriberId]:
    """Yield whom the tokens in this text name that we have signed."""
    for token in _TOKEN.findall(text):
        try:
            yield SubscriberId(wiring.tokens.read(Purpose.UNSUBSCRIBE, token, now))
        except TokenRefused:
            continue


def _record(
    session: Session,
    run_id: RunId | None,
    subscriber_id: SubscriberId,
    feedback: _Feedback,
    now: datetime,
) -> bool:
    """Write the feedback down and do what follows for the person; tell whether it is news."""
    run = None if run_id is None else find_run(session, run_id)
    if run is not None:
        if find_feedback(session, run.id, subscriber_id, feedback.kind) is not None:
            return False
        row = FeedbackRow(
            run_id=run.id,
            subscriber_id=subscriber_id,
            kind=feedback.kind,
            at=now,
            resumptions=run.resumptions,
            cause=feedback.cause,
            said=feedback.said,
        )
        session.add(row)
        session.flush()
    follows = CONSEQUENCES[feedback.kind]
    subscriber = find_subscriber(session, subscriber_id)
    if subscriber is not None and follows.closes_address is not None:
        who = READER if follows.ends_subscription else SERVICE
        close_address(session, subscriber, follows.closes_address, who, now)
    if follows.ends_subscription:
        complain(session, subscriber_id, now)
    if follows.counts_toward_closing:
        close_if_bouncing_for_long(session, subscriber_id, now)
    return True


def _judge_run(wiring: Wiring, run_id: RunId) -> None:
    """Pause the run if what came back says that it does harm (R-37)."""
    with wiring.reading() as session:
        run = find_run(session, run_id)
        advice = judge_tally(counted(session, stretch_of(run))) if run else None
    if advice is None:
        return
    for warning in advice.warnings:
        _log.warning("run %d: %s", run_id, warning)
    follow_advice(wiring, run_id, advice)
